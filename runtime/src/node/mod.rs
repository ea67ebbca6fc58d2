//! A node.
mod command_line;
mod control;
mod run_dir;
