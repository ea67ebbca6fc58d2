//! What `umbrella new` and `umbrella release` write.
