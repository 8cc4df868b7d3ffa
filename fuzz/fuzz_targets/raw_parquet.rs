#![no_main]

// Panics of the Parquet library are caught (`schema::guarded`): libFuzzer's own hook would abort at them.
libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |bytes: &[u8]| readers::raw_parquet(bytes));
