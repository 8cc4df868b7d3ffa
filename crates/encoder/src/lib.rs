//! Texts become vectors: sentence-transformers checkpoints, and latent semantic analysis.
