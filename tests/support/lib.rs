//! Tests that look at umbrella from outside: sandboxes and the shared target folder.
