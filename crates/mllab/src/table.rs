//! A plain table for a terminal: columns aligned, the first row its head.

use stage::cli;

/// The rows as text; the first is the head. Numbers align right.
pub(crate) fn render(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|value| one_line(value)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|v| v.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let number = |value: &str| value.parse::<f64>().is_ok();
    let mut text = String::new();
    for row in &rows {
        for (c, value) in row.iter().enumerate() {
            let pad = " ".repeat(widths[c].saturating_sub(value.chars().count()));
            let (left, right) = if number(value) { (&*pad, "") } else { ("", &*pad) };
            text.push_str(left);
            text.push_str(value);
            text.push_str(right);
            text.push_str("  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// A cell that breaks neither its line nor its column.
fn one_line(value: &str) -> String {
    cli::plain(&value.replace(['\n', '\t'], " "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_manifest_says_writes_nothing_else_on_the_terminal() {
        let rows = [vec!["\u{1b}]0;x\u{7}".to_owned()], vec!["a \"b\" \u{202e}ção".to_owned()]];
        assert_eq!(super::render(&rows), "\\u{1b}]0;x\\u{7}\na \"b\" \\u{202e}ção\n");
    }

    #[test]
    fn columns_align() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let text = super::render(&[row("version", "rows"), row("v1", "5"), row("v10", "500")]);
        assert_eq!(text, "version  rows\nv1          5\nv10       500\n");
    }
}
