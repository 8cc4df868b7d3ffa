//! Nearest neighbours by angle: an index in the format of Annoy, and an exact scan.
