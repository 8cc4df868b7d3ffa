//! Where in a JSON record each column of a table stands, derived from the columns' names.

use schema::{Role, Table};

/// Names and what they stand for, in the order in which records usually have them.
#[derive(Debug)]
pub(crate) struct NameTable<T>(Vec<(&'static str, T)>);

impl<T: Copy> NameTable<T> {
    /// What a name stands for. `hint` is where to look first, and is set to the entry behind the
    /// one found: records have their keys in the same order, so one comparison nearly always does.
    pub(crate) fn find(&self, name: &str, hint: &mut usize) -> Option<T> {
        let n = self.0.len();
        let found = (0..n).map(|i| (*hint + i) % n).find(|i| self.0[*i].0 == name)?;
        *hint = found + 1;
        Some(self.0[found].1)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// What all names stand for.
    pub(crate) fn iter(&self) -> impl Iterator<Item = T> {
        self.0.iter().map(|(_, of)| *of)
    }
}

/// What a key of a record stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Column(usize),
    Section(usize),
    /// The list of objects that are a row each.
    Items,
    /// A column of such an object, where the record is one itself.
    Item(usize),
    /// The record's key, where it names it itself.
    Key,
}

/// An object within a record.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) columns: NameTable<usize>,
}

/// The shape of a table's records.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) table: &'static Table,
    pub(crate) top: NameTable<Target>,
    pub(crate) sections: Vec<Section>,
    /// Where a record is a row an element: the list's name, its elements' columns, and which of
    /// them is their key.
    pub(crate) items: Option<(Section, usize)>,
}

/// The columns of prospects that belong to the job; the others belong to each application.
const OF_JOB: [&str; 2] = ["titulo", "modalidade"];

impl Layout {
    /// A column `section.key` stands in an object `section`, or under that very name, as flattened
    /// tables have it; of a table with two keys, the second
    /// and all but [`OF_JOB`] stand in the elements of a list named as the table.
    pub(crate) fn of(table: &'static Table) -> Self {
        let mut top = vec![(table.columns[0].name, Target::Key)];
        let mut sections: Vec<(&'static str, Vec<(&'static str, usize)>)> = Vec::new();
        let (mut items, mut flat) = (Vec::new(), Vec::new());
        let item_key = table.columns.iter().enumerate().skip(1).find(|(_, c)| c.role == Role::Key);
        for (i, column) in table.columns.iter().enumerate().skip(1) {
            match column.name.split_once('.') {
                Some((section, key)) => {
                    flat.push((column.name, Target::Column(i)));
                    match sections.iter_mut().position(|(name, _)| *name == section) {
                        Some(at) => sections[at].1.push((key, i)),
                        None => {
                            top.push((section, Target::Section(sections.len())));
                            sections.push((section, vec![(key, i)]));
                        }
                    }
                }
                None if item_key.is_some() && !OF_JOB.contains(&column.name) => {
                    items.push((column.name, i));
                }
                None => top.push((column.name, Target::Column(i))),
            }
        }
        let items = item_key.map(|(key, _)| {
            top.push((table.name, Target::Items));
            top.extend(items.iter().map(|(name, column)| (*name, Target::Item(*column))));
            (Section { name: table.name, columns: NameTable(items) }, key)
        });
        // Last, for they are rare.
        top.extend(flat);
        let sections = sections
            .into_iter()
            .map(|(name, columns)| Section { name, columns: NameTable(columns) })
            .collect();
        Self { table, top: NameTable(top), sections, items }
    }
}

#[cfg(test)]
mod tests {
    use schema::raw;

    use super::*;

    #[test]
    fn names_are_found_in_any_order() {
        let layout = Layout::of(&raw::VAGAS);
        let section = &layout.sections[1];
        assert_eq!(section.name, "perfil_vaga");
        let column = raw::VAGAS.position("perfil_vaga.nivel profissional").unwrap();
        for start in 0..30 {
            let mut hint = start;
            assert_eq!(section.columns.find("nivel profissional", &mut hint), Some(column));
            assert_eq!(section.columns.find("nivel_profissional", &mut hint), None);
        }
    }

    #[test]
    fn every_column_but_the_key_stands_somewhere_once() {
        for table in schema::raw::ALL {
            let table: &'static Table = table;
            let layout = Layout::of(table);
            let mut columns: Vec<usize> = layout
                .top
                .iter()
                .filter_map(|t| if let Target::Column(c) = t { Some(c) } else { None })
                .filter(|c| !table.columns[*c].name.contains('.'))
                .chain(layout.sections.iter().flat_map(|s| s.columns.iter()))
                .chain(layout.items.iter().flat_map(|(s, _)| s.columns.iter()))
                .collect();
            columns.sort_unstable();
            assert_eq!(columns, (1..table.columns.len()).collect::<Vec<_>>(), "{}", table.name);
        }
    }
}
