//! What the compiler cannot be told in safe code: the only unsafe code of this crate.
//!
//! Neither function changes a result: a prefetch only moves memory into the cache, and wider vectors
//! do the same IEEE operations on the same numbers (fused multiply-add stays off).

/// Asks for the cache line of `slice[at]`, if there is such a place.
#[inline(always)]
pub(super) fn prefetch<T>(slice: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(place) = slice.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the address is that of a live reference; the instruction is part of every x86-64
        // (SSE), reads nothing into the program and cannot fault.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, at);
}

/// Runs `work`, which should be `#[inline(always)]` to the bottom, compiled for 256-bit vectors where
/// the processor has them.
#[inline]
pub(super) fn wide<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2<T>(work: impl FnOnce() -> T) -> T {
            work()
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, as was just detected; that is all `avx2` asks for.
            return unsafe { avx2(work) };
        }
    }
    work()
}
