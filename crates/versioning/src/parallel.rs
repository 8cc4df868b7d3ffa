//! Several requests at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Error;

/// What `read` gives of each item, in their order. Small objects of a store that is not local take
/// as long as its answer does, so many are asked for at once.
pub(crate) fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    read: impl Fn(&I) -> Result<Option<T>, Error> + Sync,
) -> Result<Vec<T>, Error> {
    /// For each so many there is another thread.
    const EACH: usize = 4;
    const THREADS: usize = 16;
    on_threads(items.len().div_ceil(EACH).clamp(1, THREADS), items, read)
}

/// What `work` gives of each item, in their order, on so many threads, the calling one among them.
///
/// # Errors
/// The first that `work` gives.
pub fn on_threads<I: Sync, T: Send, E: Send>(
    threads: usize,
    items: &[I],
    work: impl Fn(&I) -> Result<Option<T>, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(done) };
            done.extend(work(item)?.map(|made| (index, made)));
        }
    };
    let results: Vec<Result<Vec<(usize, T)>, E>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(some)).collect();
        let mut all = vec![some()];
        for other in others {
            all.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    let mut all = Vec::with_capacity(items.len());
    for result in results {
        all.extend(result?);
    }
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, made)| made).collect())
}
