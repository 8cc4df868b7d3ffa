//! What it takes to fit a latent semantic analysis and to encode everything, on raw files.
//!
//! ```sh
//! cargo run --release -p encoder --example lsa -- applicants.json vagas.json
//! ```
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark, run by hand")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{collections::BTreeMap, fs::File, io::BufReader, ops::ControlFlow, time::Instant};

use encoder::{Encoder, LongText, lsa::Lsa};
use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, people, jobs] = &arguments[..] else { panic!("usage: lsa APPLICANTS VAGAS") };
    let read = |file: &String| -> BTreeMap<String, Value> {
        serde_json::from_reader(BufReader::new(File::open(file).unwrap())).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut texts: Vec<String> = read(people).values().map(|r| text(&r["cv_pt"])).collect();
    let people = texts.len();
    texts.extend(read(jobs).values().map(|r| {
        let (title, profile) = (&r["informacoes_basicas"]["titulo_vaga"], &r["perfil_vaga"]);
        let skills = &profile["competencia_tecnicas_e_comportamentais"];
        [title, &profile["areas_atuacao"], &profile["principais_atividades"], skills]
            .map(text)
            .join("\n")
    }));
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{people} people, {} jobs, {bytes} bytes", texts.len() - people);

    let start = Instant::now();
    let lsa = Lsa::fit(&texts, &encoder::lsa::Params::default()).unwrap();
    println!(
        "fit {:.2} s, {} words, singular values {:.2} to {:.2}",
        start.elapsed().as_secs_f64(),
        lsa.words(),
        lsa.singular_values()[0],
        lsa.singular_values().last().unwrap()
    );
    let start = Instant::now();
    let vectors = lsa.encode(&borrowed, LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    println!("encode {:.2} s, {} vectors", start.elapsed().as_secs_f64(), vectors.cut.len());
    let start = Instant::now();
    let state = lsa.to_bytes();
    let written = start.elapsed().as_secs_f64();
    Lsa::from_bytes(&state).unwrap();
    let both = start.elapsed().as_secs_f64();
    println!("state {} bytes, written {written:.2} s, read {:.2} s", state.len(), both - written);
}
