//! States of places that are written `City, State`.

/// The state; none where nothing stands after the last comma, or there is no comma.
pub(crate) fn state(place: &str) -> Option<&str> {
    let (_, state) = place.rsplit_once(',')?;
    Some(state.trim()).filter(|state| !state.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_after_the_last_comma() {
        assert_eq!(state("Curitiba, Paraná"), Some("Paraná"));
        assert_eq!(state("Vila Madalena, São Paulo,São Paulo "), Some("São Paulo"));
        for place in ["", "Curitiba", "Curitiba,", "Curitiba , ", ","] {
            assert_eq!(state(place), None, "{place}");
        }
    }
}
