//! The pictures that pages show. Where there is nothing to show, there is none.

use maud::{Markup, html};

use crate::{
    Lang,
    draw::{
        Anchor::{End, Middle, Start},
        Caption, WIDTH, coordinate, fit, label, line, path, picture, rect, scaled, text, width,
    },
    markup::plain,
    report::Severity,
};

/// What the longest bar takes; its figure stands to its right.
const ROOM: f64 = WIDTH - 66.0;

/// How figures are written.
pub(crate) type Show<'a> = &'a dyn Fn(f64) -> String;

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, f64::max)
}

/// The rows of a picture below one another, each `step` tall.
fn rows<T>(rows: &[T], step: f64, draw: impl Fn(&T, f64) -> Markup) -> (f64, Markup) {
    let body = html! { @for (i, row) in rows.iter().enumerate() { (draw(row, step * i as f64)) } };
    (step * rows.len() as f64, body)
}

/// Things and their sizes.
pub(crate) fn bars(caption: &Caption<'_>, bars: &[(&str, f64)], show: Show<'_>) -> Option<Markup> {
    let most = most(bars.iter().map(|bar| bar.1));
    let told = |&(name, value): &(&str, f64)| format!("{}: {}", plain(name), show(value));
    let (height, body) = rows(bars, 40.0, |&(name, value), y| {
        let long = scaled(value, most, ROOM);
        html! {
            (label((0.0, y + 12.0), Start, name, WIDTH))
            (rect((0.5, y + 17.5), (long.max(1.0), 11.0), "b"))
            (text((long + 6.0, y + 27.5), Start, "n", show(value)))
        }
    });
    let told: Vec<_> = bars.iter().map(told).collect();
    (!bars.is_empty()).then(|| picture(caption, &told, height, &body))
}

/// A thing measured on both sides.
pub(crate) struct MeasuredPair<'a> {
    pub(crate) label: &'a str,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// Bars in pairs: the upper one, hollow, is before, the lower one, filled, is after.
pub(crate) fn pairs(
    lang: Lang,
    caption: &Caption<'_>,
    pairs: &[MeasuredPair<'_>],
    show: Show<'_>,
) -> Option<Markup> {
    let most = most(pairs.iter().flat_map(|row| [row.before, row.after]));
    let (height, body) = rows(pairs, 55.0, |row, y| {
        let bar = |value: f64, class, top: f64| {
            let long = scaled(value, most, ROOM);
            html! {
                (rect((0.5, top + 0.5), (long.max(1.0), 10.0), class))
                (text((long + 6.0, top + 9.0), Start, "n", show(value)))
            }
        };
        html! {
            (label((0.0, y + 12.0), Start, row.label, WIDTH))
            (bar(row.before, "a", y + 17.0))
            (bar(row.after, "b", y + 31.0))
        }
    });
    let told =
        |row: &MeasuredPair<'_>| from_to(lang, &plain(row.label), row.before, row.after, show);
    let told: Vec<_> = pairs.iter().map(told).collect();
    (!pairs.is_empty()).then(|| picture(caption, &told, height, &body))
}

/// What went from one figure to another.
pub(crate) fn from_to(lang: Lang, what: &str, before: f64, after: f64, show: Show<'_>) -> String {
    let (from, to) = (lang.pick("de", "from"), lang.pick("para", "to"));
    format!("{what} {from} {} {to} {}", show(before), show(after))
}

/// A measure against the value from which it is too much.
pub(crate) struct Bar<'a> {
    /// Of what: somebody's word, and ours.
    pub(crate) label: (&'a str, String),
    pub(crate) value: f64,
    pub(crate) threshold: f64,
    pub(crate) severity: Severity,
}

/// A bar each, with a tick at the threshold of its own; `word` names the threshold. The longest bar
/// sets the scale: a tick beyond it stands at the edge.
pub(crate) fn thresholds(
    caption: &Caption<'_>,
    word: &str,
    bars: &[Bar<'_>],
    show: Show<'_>,
) -> Option<Markup> {
    let most = 1.1 * most(bars.iter().map(|bar| bar.value));
    let (height, body) = rows(bars, 44.0, |bar, y| {
        let long = scaled(bar.value, most, ROOM);
        let tick = scaled(bar.threshold, most, ROOM);
        let ours = format!(" · {}", bar.label.1);
        let room = WIDTH - 104.0 - ours.chars().map(width).sum::<f64>();
        let name = html! { tspan.w { (fit(bar.label.0, room)) } (ours) };
        let limit = format!("{word} {}", show(bar.threshold));
        let figure = format!("{} {}", bar.severity.mark(), show(bar.value));
        html! {
            (text((0.0, y + 12.0), Start, "", name))
            (text((WIDTH, y + 12.0), End, "n", limit))
            (rect((0.5, y + 18.5), (long.max(1.0), 11.0), bar.severity.class()))
            (text((long.max(tick) + 6.0, y + 28.5), Start, "n", figure))
            (line((tick, y + 15.0), (tick, y + 33.0), "t"))
        }
    });
    let told = |bar: &Bar<'_>| {
        let (value, threshold) = (show(bar.value), show(bar.threshold));
        format!("{} · {}: {value}, {word} {threshold}", plain(bar.label.0), bar.label.1)
    };
    let told: Vec<_> = bars.iter().map(told).collect();
    (!bars.is_empty()).then(|| picture(caption, &told, height, &body))
}

/// Bars to both sides of a middle: what fell to the left, what rose to the right. The label stands
/// on the side that the bar leaves free.
pub(crate) fn diverging(
    caption: &Caption<'_>,
    changes: &[(&str, f64)],
    show: Show<'_>,
) -> Option<Markup> {
    let (middle, room) = (WIDTH / 2.0, WIDTH / 2.0 - 74.0);
    let most = most(changes.iter().map(|row| row.1.abs()));
    let (height, body) = rows(changes, 22.0, |&(name, change), y| {
        let long = scaled(change.abs(), most, room).max(1.0);
        let fell = change < 0.0;
        let (from, class) = if fell { (middle - long, "d") } else { (middle, "u") };
        let (side, figure, other) = if fell { (-1.0, End, Start) } else { (1.0, Start, End) };
        html! {
            (rect((from, y + 4.0), (long, 13.0), class))
            (text((middle + side * (long + 4.0), y + 15.5), figure, "n", show(change)))
            (label((middle - side * 6.0, y + 15.5), other, name, middle - 8.0))
        }
    });
    let told = |&(name, change): &(&str, f64)| format!("{} {}", plain(name), show(change));
    let told: Vec<_> = changes.iter().map(told).collect();
    let body = html! { (body) (line((middle, 0.0), (middle, height), "t")) };
    (!changes.is_empty()).then(|| picture(caption, &told, height, &body))
}

/// A whole in parts, on one side or both; the parts are shares in the order of the legend.
pub(crate) struct Stack<'a> {
    pub(crate) label: &'a str,
    /// The name of each side and its parts, the earlier first.
    pub(crate) sides: Vec<(&'static str, Vec<f64>)>,
}

/// A bar a side. A part says its share where it has room to.
pub(crate) fn stacked(
    caption: &Caption<'_>,
    legend: &[&str],
    stacks: &[Stack<'_>],
    show: Show<'_>,
) -> Option<Markup> {
    let sides = stacks.first()?.sides.len() as f64;
    let names: Vec<String> = legend.iter().map(|name| fit(name, 84.0)).collect();
    let mut x = 0.0;
    let key = names.iter().enumerate().map(|(i, name)| {
        let left = x;
        x += 24.0 + name.chars().map(width).sum::<f64>();
        html! {
            (rect((left + 0.5, 2.5), (11.0, 11.0), &format!("s{i}")))
            (text((left + 16.0, 12.0), Start, "n", name))
        }
    });
    let key: Vec<Markup> = key.collect();
    let (height, body) = rows(stacks, 24.0 + 20.0 * sides, |stack, y| {
        html! {
            (label((0.0, y + 36.0), Start, stack.label, WIDTH))
            @for (i, (name, parts)) in stack.sides.iter().enumerate() {
                (stack_side(name, parts, y + 41.0 + 20.0 * i as f64, show))
            }
        }
    });
    let told = |stack: &Stack<'_>| {
        let side = |(name, parts): &(&str, Vec<f64>)| {
            let part = |(name, share): (&&str, &f64)| format!("{name} {}", show(*share));
            let parts: Vec<_> = legend.iter().zip(parts).map(part).collect();
            format!("{name} {}", parts.join(", "))
        };
        let sides: Vec<_> = stack.sides.iter().map(side).collect();
        format!("{}: {}", plain(stack.label), sides.join("; "))
    };
    let told: Vec<_> = stacks.iter().map(told).collect();
    let body = html! { @for name in &key { (name) } (body) };
    Some(picture(caption, &told, height + 24.0, &body))
}

fn stack_side(name: &str, parts: &[f64], top: f64, show: Show<'_>) -> Markup {
    let left = 52.0;
    let whole: f64 = parts.iter().sum();
    let mut start = left;
    let drawn = parts.iter().enumerate().map(|(i, part)| {
        let wide = scaled(*part, whole, WIDTH - left - 1.0);
        let from = start;
        start += wide;
        html! {
            @if wide >= 0.2 {
                (rect((from + 0.5, top + 0.5), (wide - 0.6, 17.0), &format!("s{i}")))
            }
            @if wide > 42.0 {
                (text((from + wide / 2.0, top + 13.0), Middle, &format!("o{i}"), show(*part)))
            }
        }
    });
    let drawn: Vec<Markup> = drawn.collect();
    html! { (text((0.0, top + 13.0), Start, "n", name)) @for part in &drawn { (part) } }
}

/// Marks in a line.
const A_ROW: usize = 10;

/// A row of marks, one a version with its verdict, the oldest first, each verdict a shape of its own:
/// a circle for none, a triangle for watch, a square for alert. The last one stands in a frame.
pub(crate) fn strip(
    caption: &Caption<'_>,
    told: &[String],
    marks: &[(String, Severity)],
) -> Option<Markup> {
    let (wide, tall) = (WIDTH / A_ROW as f64, 44.0);
    let mark = |i: usize, name: &str, severity: Severity| {
        let x = (i % A_ROW) as f64 * wide + wide / 2.0;
        let y = (i / A_ROW) as f64 * tall + 14.0;
        let [l, m, r] = [x - 8.0, x, x + 8.0].map(coordinate);
        let [t, c, b] = [y - 8.0, y, y + 8.0].map(coordinate);
        let shape = match severity {
            Severity::None => format!("M{l} {c}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z"),
            Severity::Watch => format!("M{m} {t}L{r} {b}H{l}z"),
            Severity::Alert => format!("M{l} {t}H{r}V{b}H{l}z"),
        };
        html! {
            @if i + 1 == marks.len() {
                (rect((x - wide / 2.0 + 1.0, y - 13.0), (wide - 2.0, tall - 3.0), "f"))
            }
            (path(&shape, severity.class()))
            (text((x, y + 23.0), Middle, "n", fit(name, wide)))
        }
    };
    let body = html! {
        @for (i, (name, severity)) in marks.iter().enumerate() { (mark(i, name, *severity)) }
    };
    let height = marks.len().div_ceil(A_ROW) as f64 * tall;
    (!marks.is_empty()).then(|| picture(caption, told, height, &body))
}

/// Two distributions over the same bins.
pub(crate) struct Histogram<'a> {
    /// The share of each bin in the first, a stepped line.
    pub(crate) before: &'a [f64],
    /// The share of each bin in the second, the bars.
    pub(crate) after: &'a [f64],
    /// The lower end of the first bin and the upper end of the last, as they are written.
    pub(crate) ends: (String, String),
}

pub(crate) fn histogram(
    caption: &Caption<'_>,
    told: &[String],
    Histogram { before, after, ends }: &Histogram<'_>,
) -> Markup {
    let (top, height) = (4.0, 120.0);
    let floor = top + height;
    let wide = WIDTH / before.len().max(after.len()).max(1) as f64;
    let gap = (wide * 0.08).min(1.0);
    let most = most(before.iter().chain(*after).copied());
    let steps = before.iter().enumerate().map(|(i, share)| {
        let y = coordinate(floor - scaled(*share, most, height));
        format!("V{y}H{}", coordinate((i + 1) as f64 * wide))
    });
    let floor_at = coordinate(floor);
    let steps = format!("M0 {floor_at}{}V{floor_at}", steps.collect::<String>());
    let body = html! {
        @for (i, share) in after.iter().enumerate() {
            @let tall = scaled(*share, most, height);
            @if tall > 0.05 {
                (rect((i as f64 * wide + gap, floor - tall), (wide - 2.0 * gap, tall), "b"))
            }
        }
        (path(&steps, "l"))
        (line((0.0, floor), (WIDTH, floor), "t"))
        (text((0.0, floor + 15.0), Start, "n", &ends.0))
        (text((WIDTH, floor + 15.0), End, "n", &ends.1))
    };
    picture(caption, told, floor + 20.0, &body)
}
