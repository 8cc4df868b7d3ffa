//! Answers in the shape of the REST-JSON services.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// 200 with a JSON body.
pub(crate) fn json(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], Body::from(body.to_string())).into_response()
}

/// An error as the SDKs read it: its name in a header, its message in the body.
pub(crate) fn error(status: StatusCode, name: &str, message: &str) -> Response {
    let body = json!({"Type": "User", "Message": message, "message": message});
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::HeaderName::from_static("x-amzn-errortype"), name),
        (
            header::HeaderName::from_static("x-amzn-requestid"),
            "00000000-0000-4000-8000-000000000000",
        ),
    ];
    (status, headers, Body::from(body.to_string())).into_response()
}

/// 400.
pub(crate) fn bad_request(name: &str, message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, name, message)
}
