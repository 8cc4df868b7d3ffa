//! Made vectors.

/// `(rows, dimensions)` values between −1 and 1 around `groups` centres, the same from a seed.
pub(crate) fn vectors(rows: usize, dimensions: usize, groups: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let centres: Vec<f32> = (0..groups * dimensions).map(|_| next()).collect();
    let value = |i: usize| centres[(i / dimensions) % groups * dimensions + i % dimensions];
    (0..rows * dimensions).map(|i| value(i) + 0.5 * next()).collect()
}

/// Runs `work` on a pool of so many threads.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
