//! What is here.
