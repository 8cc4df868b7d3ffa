//! Words of three languages as they meet: without case, accents or the signs that people leave out.
//!
//! `S/4 HANA` and `s4hana`, `Spring Boot` and `springboot`, `front-end` and `frontend` are one term:
//! a term is one to four neighbouring words written together. `C#`, `C++` and `.NET`, of which a
//! tokeniser of words leaves `c` and `net`, become `csharp`, `cpp` and `dotnet`, as others write
//! them.

pub(super) const LONGEST: usize = 4;

/// A text's words, folded, one behind the other in one string: the words `i..j` written together
/// are a slice of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    joined: String,
    /// Where each word begins, and last the end of all.
    starts: Vec<u32>,
}

impl Words {
    /// Reads `text` over what was there.
    pub(super) fn read(&mut self, text: &str) {
        self.joined.clear();
        self.starts.clear();
        let mut inside = false;
        let mut before = ' ';
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let letters = fold(c);
            if letters.is_empty() {
                let sign = match c {
                    '#' if inside => "sharp",
                    // The second of two: `c++`.
                    '+' if before == '+' && !inside && self.ends_in_letter() => "pp",
                    '.' if !inside && before.is_whitespace() && starts_with_net(rest.as_str()) => {
                        self.starts.push(self.joined.len() as u32);
                        inside = true;
                        "dot"
                    }
                    _ => {
                        inside = false;
                        ""
                    }
                };
                self.joined.push_str(sign);
            } else {
                if !inside {
                    self.starts.push(self.joined.len() as u32);
                }
                inside = true;
                self.joined.push_str(letters.as_str());
            }
            before = c;
        }
        self.starts.push(self.joined.len() as u32);
    }

    /// Whether the last word could be the one of `++`.
    fn ends_in_letter(&self) -> bool {
        self.joined.ends_with(|c: char| c.is_ascii_alphabetic())
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The words `from..from + count` written together; none beyond the last.
    pub(super) fn term(&self, from: usize, count: usize) -> Option<&str> {
        let (start, end) = (self.starts.get(from)?, self.starts.get(from + count)?);
        self.joined.get(*start as usize..*end as usize)
    }

    pub(super) fn each(&self) -> impl DoubleEndedIterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.term(at, 1))
    }

    pub(super) fn whole(&self) -> &str {
        &self.joined
    }
}

fn starts_with_net(rest: &str) -> bool {
    rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("net"))
        && !rest[3..].starts_with(char::is_alphanumeric)
}

/// One folded letter: none, one or two ASCII characters, or another script's letter as it is.
struct Letters([u8; 4], u8);

impl Letters {
    const NONE: Self = Self([0; 4], 0);

    fn is_empty(&self) -> bool {
        self.1 == 0
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..usize::from(self.1)]).unwrap_or("")
    }

    fn one(letter: u8) -> Self {
        Self([letter, 0, 0, 0], 1)
    }
}

/// A letter or digit in lower case without its accent; nothing for what separates words.
fn fold(c: char) -> Letters {
    if c.is_ascii() {
        let byte = c as u8;
        return if byte.is_ascii_alphanumeric() {
            Letters::one(byte.to_ascii_lowercase())
        } else {
            Letters::NONE
        };
    }
    match c {
        'à'..='å' | 'À'..='Å' | 'ª' => Letters::one(b'a'),
        'ç' | 'Ç' => Letters::one(b'c'),
        'è'..='ë' | 'È'..='Ë' => Letters::one(b'e'),
        'ì'..='ï' | 'Ì'..='Ï' => Letters::one(b'i'),
        'ñ' | 'Ñ' => Letters::one(b'n'),
        'ò'..='ö' | 'Ò'..='Ö' | 'º' => Letters::one(b'o'),
        'ù'..='ü' | 'Ù'..='Ü' => Letters::one(b'u'),
        'ý' | 'ÿ' | 'Ý' => Letters::one(b'y'),
        c if c.is_alphanumeric() => {
            let lower = c.to_lowercase().next().unwrap_or(c);
            let mut bytes = [0; 4];
            let len = lower.encode_utf8(&mut bytes).len();
            Letters(bytes, len as u8)
        }
        _ => Letters::NONE,
    }
}

/// A value written as it is looked up in a list: folded, one space between words.
pub(super) fn folded(value: &str) -> String {
    let mut words = Words::default();
    words.read(value);
    words.each().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.read(text);
        words.each().map(str::to_owned).collect()
    }

    fn whole(text: &str) -> String {
        let mut words = Words::default();
        words.read(text);
        words.whole().to_owned()
    }

    #[test]
    fn spellings_meet() {
        for spellings in [
            &["S/4 HANA", "s4hana", "S4/HANA", "s/4hana"][..],
            &["C#", "csharp", "c sharp", "C Sharp"],
            &["C++", "cpp", "CPP"],
            &[" .NET Core", "dotnet core", "DotNet-Core"],
            &["Spring Boot", "springboot", "Spring-Boot"],
            &["Gestão de Pessoas", "gestao de pessoas", "GESTÃO DE PESSOAS"],
            &["español", "ESPAÑOL", "espanol"],
        ] {
            for spelling in spellings {
                assert_eq!(whole(spelling), whole(spellings[0]), "{spelling}");
            }
        }
    }

    #[test]
    fn what_is_not_one_of_those_signs_separates() {
        assert_eq!(words("java,python; asp.net # c"), ["java", "python", "asp", "net", "c"]);
        assert_eq!(words("5 + 5, a+b"), ["5", "5", "a", "b"]);
        assert_eq!(words("fim.net é; .network"), ["fim", "net", "e", "network"]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words("naïve Ωmega"), ["naive", "ωmega"]);
    }

    #[test]
    fn a_term_is_neighbouring_words_written_together() {
        let mut words = Words::default();
        words.read("sap s/4 hana");
        assert_eq!(words.len(), 4);
        assert_eq!(words.term(1, 3), Some("s4hana"));
        assert_eq!(words.term(3, 2), None);
        words.read("");
        assert_eq!((words.len(), words.term(0, 1)), (0, None));
    }
}
