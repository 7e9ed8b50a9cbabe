//! The tests in `tests/` are all that is here.
