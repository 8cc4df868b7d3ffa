//! Whatever is neither Lambda nor Batch goes on to the server behind.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    response::Response,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::{Emulator, answer};

/// The connections to the server behind.
pub(crate) struct Upstream(Client<HttpConnector, Body>);

impl Default for Upstream {
    fn default() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

/// Sends a request on as it is, and its answer back as it is.
pub(crate) async fn forward(
    State(emulator): State<Arc<Emulator>>,
    mut request: Request,
) -> Response {
    let configuration = emulator.configuration().await;
    let Some(upstream) = &configuration.upstream else {
        let message = "the emulator has no upstream: it answers for Lambda and Batch alone";
        return answer::error(StatusCode::NOT_FOUND, "UnknownOperationException", message);
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match format!("{upstream}{path}").parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => return answer::bad_request("UriException", &error.to_string()),
    }
    request.headers_mut().remove(header::CONNECTION);
    match emulator.upstream.0.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            let message = format!("{upstream} does not answer: {error}");
            answer::error(StatusCode::BAD_GATEWAY, "ServiceUnavailable", &message)
        }
    }
}
