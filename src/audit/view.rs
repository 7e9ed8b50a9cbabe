//! Views: what reports show of an audit, whatever their format.
//!
//! A view groups the answers of a matrix or a difference, and puts them in words.
//! Terminal, Markdown, CSV and JSON reports print the same views. Views do not
//! depend on a format: they print nothing, and have no widths or colours.
//!
//! ```
//! use std::sync::Arc;
//!
//! use portcullis::Policy;
//! use portcullis::audit::Matrix;
//! use portcullis::audit::view::matrix::MatrixView;
//!
//! let matrix = Matrix::of(&Arc::new(Policy::embedded()?));
//! let rows: Vec<usize> = (0..matrix.axes().rows().len()).collect();
//! let profiles = (0..matrix.axes().profiles().len()).collect();
//! let view = MatrixView::of(&matrix, &rows, profiles, None, true);
//! assert!(view.pages.len() < matrix.sheets().len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod authority;
pub mod body;
pub mod callers;
pub mod can;
pub mod closure;
pub mod difference;
pub mod marks;
pub mod matrix;
pub mod notes;
pub mod people;
pub mod ranks;
pub mod sections;
pub mod ways;
pub mod who_can;
pub mod words;
