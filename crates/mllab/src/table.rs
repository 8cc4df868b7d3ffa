//! A plain table for a terminal: columns aligned, the first row its head.

/// The rows as text; the first is the head. Numbers align right.
pub(crate) fn render(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|v| v.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let number = |value: &str| value.parse::<f64>().is_ok();
    let mut text = String::new();
    for row in rows {
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

#[cfg(test)]
mod tests {
    #[test]
    fn columns_align() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let text = super::render(&[row("version", "rows"), row("v1", "5"), row("v10", "500")]);
        assert_eq!(text, "version  rows\nv1          5\nv10       500\n");
    }
}
