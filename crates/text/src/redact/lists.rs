//! The word lists of `lists.txt`.

const LISTS: &str = include_str!("lists.txt");

/// The words of a section, in its order.
pub(super) fn list(section: &str) -> impl Iterator<Item = &'static str> {
    let lines = LISTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .skip_while(move |line| name(line) != Some(section))
        .skip(1)
        .take_while(|line| name(line).is_none())
}

/// The name of the section that a line begins.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_words_and_each_of_them_once() {
        let sections = LISTS.lines().filter_map(name);
        for section in sections {
            let mut words: Vec<&str> = list(section).collect();
            let number = words.len();
            words.sort_unstable();
            words.dedup();
            assert!(number > 3 && words.len() == number, "{section}: {number}");
        }
    }
}
