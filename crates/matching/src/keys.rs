/// The ids of a table, and where its file has them.
///
/// A record's *number* is the place of its id in ascending order.
#[derive(Clone, Debug)]
pub struct Keys {
    ids: Vec<Box<str>>,
    /// The number of the record at each row of the file.
    numbers: Vec<u32>,
}

impl Keys {
    /// Numbers ids that stand in the order of their file's rows.
    pub(crate) fn from_rows(mut in_file: Vec<Box<str>>) -> Self {
        let mut rows: Vec<u32> = (0..).take(in_file.len()).collect();
        rows.sort_by(|&a, &b| in_file[a as usize].cmp(&in_file[b as usize]));
        let mut numbers = vec![0; rows.len()];
        for (number, &row) in (0..).zip(&rows) {
            numbers[row as usize] = number;
        }
        let ids = rows.iter().map(|&row| std::mem::take(&mut in_file[row as usize])).collect();
        Self { ids, numbers }
    }

    /// Records 0 to `rows`, numbered as they stand: for a table without ids of its own.
    pub(crate) fn of_rows(rows: u32) -> Self {
        Self { ids: Vec::new(), numbers: (0..rows).collect() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The ids, ascending: number 0 first.
    #[must_use]
    pub fn ids(&self) -> &[Box<str>] {
        &self.ids
    }

    /// The number of the record at a row of the file.
    pub(crate) fn number_at(&self, row: usize) -> u32 {
        self.numbers[row]
    }

    /// The number of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let place = self.ids.binary_search_by(|probe| (**probe).cmp(id)).ok()?;
        u32::try_from(place).ok()
    }
}
