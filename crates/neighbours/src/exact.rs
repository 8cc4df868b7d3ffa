//! The true nearest items, by comparing every query with every item.
//!
//! A tile of queries times a tile of items is one matrix product; what reaches a row's (or a column's) best so
//! far is kept. The product's last bits depend on the processor, so it only chooses candidates, with room for
//! its rounding; the order among them is decided by dot products that are the same everywhere. Memory beside
//! the vectors and the results is one tile a thread.

use crate::kernel;
use crate::top::{Hit, Top};
use crate::{Error, Vectors};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Queries of a tile.
const QUERIES: usize = 256;

/// Items of a tile.
const ITEMS: usize = 512;

/// Scores that are looked at together.
const STRIP: usize = 64;

/// A pair (query, item) may be left out.
type Admits<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Scan<'a> {
    k: usize,
    allowed: Option<&'a [bool]>,
    admits: Option<Admits<'a>>,
}

impl<'a> Scan<'a> {
    /// The `k` items of the greatest cosine with each query, the greatest first, among equals the lower item.
    pub fn new(k: usize) -> Self {
        Self { k, allowed: None, admits: None }
    }

    /// Only the items whose place in the mask holds true: the others cost nothing.
    pub fn allowed(mut self, mask: &'a [bool]) -> Self {
        self.allowed = Some(mask);
        self
    }

    /// Only the pairs (query, item) that are admitted. Asked only of pairs that would be among the best.
    pub fn admits(mut self, admits: &'a (dyn Fn(usize, usize) -> bool + Sync)) -> Self {
        self.admits = Some(admits);
        self
    }

    /// Gives `each` the hits of every query, in the order of the queries, on the calling thread, some hundreds
    /// of queries at a time: it can write them, count progress, and end the scan with an error of its own.
    pub fn top_k<E: From<Error>>(
        &self,
        queries: &Vectors<'_>,
        items: &Vectors<'_>,
        each: impl FnMut(usize, &[Hit]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.run(queries, items, None, each).map(drop)
    }

    /// As [`Scan::top_k`], and in the same pass the other way round: returns for every item the `queries_k`
    /// queries of the greatest cosine, as hits whose `item` is the query's row. Items that are not allowed
    /// have none.
    pub fn both_ways<E: From<Error>>(
        &self,
        queries: &Vectors<'_>,
        items: &Vectors<'_>,
        queries_k: usize,
        each: impl FnMut(usize, &[Hit]) -> Result<(), E>,
    ) -> Result<Vec<Vec<Hit>>, E> {
        self.run(queries, items, Some(queries_k), each)
    }

    /// The hits of every query.
    pub fn collect(
        &self,
        queries: &Vectors<'_>,
        items: &Vectors<'_>,
    ) -> Result<Vec<Vec<Hit>>, Error> {
        let mut all = Vec::with_capacity(queries.len());
        self.top_k(queries, items, |_, hits| {
            all.push(hits.to_vec());
            Ok::<(), Error>(())
        })?;
        Ok(all)
    }

    fn run<E: From<Error>>(
        &self,
        queries: &Vectors<'_>,
        items: &Vectors<'_>,
        queries_k: Option<usize>,
        mut each: impl FnMut(usize, &[Hit]) -> Result<(), E>,
    ) -> Result<Vec<Vec<Hit>>, E> {
        let pass = Pass::new(self, queries, items, queries_k)?;
        let blocks: Vec<usize> = (0..queries.len()).step_by(QUERIES).collect();
        // A wave of tiles is computed together and given out in order; a few tiles a thread keep all busy.
        for wave in blocks.chunks(4 * rayon::current_num_threads()) {
            let done: Vec<Vec<Vec<Hit>>> = wave
                .par_iter()
                .map_init(|| Tile::new(items.dimensions()), |tile, &first| pass.block(first, tile))
                .collect();
            for (query, hits) in (wave[0]..).zip(done.iter().flatten()) {
                each(query, hits)?;
            }
        }
        Ok(pass.columns())
    }
}

/// One scan of all queries over all items.
struct Pass<'a> {
    queries: &'a Vectors<'a>,
    items: &'a Vectors<'a>,
    k: usize,
    /// The allowed items, ascending.
    candidates: Vec<u32>,
    admits: Option<Admits<'a>>,
    /// A bound of the error of a cosine from the matrix product, or from [`Vectors::cosine`].
    error: f32,
    /// The best queries of each candidate, a tile under one lock; empty when not asked for.
    columns: Vec<Mutex<Vec<Top>>>,
}

/// The memory of a thread.
struct Tile {
    queries: Vec<f32>,
    items: Vec<f32>,
    scores: Vec<f32>,
    floors: Vec<f32>,
}

impl Tile {
    fn new(dimensions: usize) -> Self {
        Self {
            queries: Vec::with_capacity(QUERIES * dimensions),
            items: Vec::with_capacity(ITEMS * dimensions),
            scores: vec![0.0; QUERIES * ITEMS],
            floors: Vec::with_capacity(ITEMS),
        }
    }
}

impl<'a> Pass<'a> {
    fn new(
        scan: &Scan<'a>,
        queries: &'a Vectors<'a>,
        items: &'a Vectors<'a>,
        queries_k: Option<usize>,
    ) -> Result<Self, Error> {
        if queries.dimensions() != items.dimensions() {
            return Err(Error::Dimensions {
                expected: items.dimensions(),
                found: queries.dimensions(),
            });
        }
        if let Some(mask) = scan.allowed
            && mask.len() != items.len()
        {
            let (name, expected) = ("allowed", "a mask with a place for every item");
            return Err(Error::Parameter { name, expected, found: mask.len() });
        }
        let allowed = |item: &u32| scan.allowed.is_none_or(|mask| mask[*item as usize]);
        let candidates: Vec<u32> = (0..items.len() as u32).filter(allowed).collect();
        // n·u for a sum of n products of unit vectors (Higham 2002, §3.1), both ways of computing it, and a
        // few roundings of the scales.
        let error = (items.dimensions() + 16) as f32 * f32::EPSILON;
        let columns = match queries_k {
            Some(k) => candidates
                .chunks(ITEMS)
                .map(|tile| Mutex::new(vec![Top::new(k, error); tile.len()]))
                .collect(),
            None => Vec::new(),
        };
        Ok(Self { queries, items, k: scan.k, candidates, admits: scan.admits, error, columns })
    }

    /// The hits of up to [`QUERIES`] queries from `first` on.
    fn block(&self, first: usize, tile: &mut Tile) -> Vec<Vec<Hit>> {
        let last = (first + QUERIES).min(self.queries.len());
        tile.queries.clear();
        (first..last).for_each(|row| push_unit(&mut tile.queries, self.queries, row));
        let mut rows = vec![Top::new(self.k, self.error); last - first];

        // Threads begin at different tiles of items, so that they seldom want the same columns.
        let tiles = self.candidates.len().div_ceil(ITEMS);
        for step in 0..tiles {
            self.tile((first / QUERIES * 7 + step) % tiles, first, &mut rows, tile);
        }
        let finish = |(row, top): (usize, Top)| {
            top.finish(|hit| self.queries.cosine(first + row, self.items, hit.item as usize))
        };
        rows.into_iter().enumerate().map(finish).collect()
    }

    /// Offers the pairs of the queries of a block and a tile of items.
    fn tile(&self, number: usize, first: usize, rows: &mut [Top], tile: &mut Tile) {
        let end = ((number + 1) * ITEMS).min(self.candidates.len());
        let candidates = &self.candidates[number * ITEMS..end];
        tile.items.clear();
        for &item in candidates {
            push_unit(&mut tile.items, self.items, item as usize);
        }
        let width = candidates.len();
        let scores = &mut tile.scores[..rows.len() * width];
        kernel::product(&tile.queries, &tile.items, self.items.dimensions(), scores);

        let lock = self.columns.get(number);
        let mut columns = lock.map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        tile.floors.clear();
        if let Some(columns) = &columns {
            tile.floors.extend(columns.iter().map(Top::floor));
        }
        for (row, (top, scores)) in rows.iter_mut().zip(scores.chunks(width)).enumerate() {
            let query = first + row;
            let exact = |item: u32| self.queries.cosine(query, self.items, item as usize);
            for start in (0..width).step_by(STRIP) {
                let strip = start..(start + STRIP).min(width);
                let floors = tile.floors.get(strip.clone()).unwrap_or(&[]);
                if !kernel::any_reaches(&scores[strip.clone()], top.floor(), floors) {
                    continue;
                }
                for at in strip {
                    let (item, cosine) = (candidates[at], scores[at]);
                    let for_row = cosine >= top.floor();
                    let for_column = tile.floors.get(at).is_some_and(|floor| cosine >= *floor);
                    if !for_row && !for_column
                        || self.admits.is_some_and(|admits| !admits(query, item as usize))
                    {
                        continue;
                    }
                    if for_row {
                        top.offer(Hit { item, cosine }, |hit| exact(hit.item));
                    }
                    if for_column && let Some(columns) = &mut columns {
                        let column = &mut columns[at];
                        column.offer(Hit { item: query as u32, cosine }, |hit| {
                            self.queries.cosine(hit.item as usize, self.items, item as usize)
                        });
                        tile.floors[at] = column.floor();
                    }
                }
            }
        }
    }

    /// The best queries of every item; none for those that are not allowed.
    fn columns(self) -> Vec<Vec<Hit>> {
        if self.columns.is_empty() {
            return Vec::new();
        }
        let mut all = vec![Vec::new(); self.items.len()];
        let tops = self
            .columns
            .into_iter()
            .flat_map(|tile| tile.into_inner().unwrap_or_else(PoisonError::into_inner));
        for (&item, top) in self.candidates.iter().zip(tops) {
            all[item as usize] =
                top.finish(|hit| self.queries.cosine(hit.item as usize, self.items, item as usize));
        }
        all
    }
}

/// Appends a row at unit length; a zero vector as it is.
fn push_unit(to: &mut Vec<f32>, vectors: &Vectors<'_>, row: usize) {
    let scale = vectors.inverse_norm(row);
    to.extend(vectors.row(row).iter().map(|value| value * scale));
}
