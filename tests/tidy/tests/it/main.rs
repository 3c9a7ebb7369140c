//! Architecture rules as programs: what breaks one fails the build. `UPDATE=1 cargo test -p gongzhi-tidy` rewrites generated files.

mod access;
mod contracts;
mod generated;
mod layers;
mod measures;
mod shape;
mod tree;
