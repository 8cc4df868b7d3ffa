//! Where the Parquet library panics on a damaged file.

use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::errors::ParquetError;

/// What `read` gives; a panic of the Parquet library in it is an error like its others.
///
/// The library's decoders add up lengths that a file says, and slice by them: of some damaged files
/// they panic where an error is meant. What was read with is not to be used after an error.
///
/// # Errors
/// Those of `read`, and [`ParquetError::General`] for a panic, without its message, which may quote
/// the file.
pub fn guarded<T, E: From<ParquetError>>(read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let problem = "its pages contradict themselves: the file is damaged";
        Err(ParquetError::General(problem.to_owned()).into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_does_not_quote_it() {
        let error = guarded(|| -> Result<(), ParquetError> { panic!("Pessoa Um") }).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("the file is damaged") && !error.contains("Pessoa"), "{error}");
        assert!(guarded(|| Ok::<_, ParquetError>(7)).is_ok_and(|n| n == 7));
    }
}
