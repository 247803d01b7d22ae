//! A session of the double for one test.

use serde_json::{Value, json};
use weather::Client;

/// A session of the server at CHATDOUBLE_URL.
pub struct Double {
    url: String,
    key: String,
}

impl Double {
    /// Gives a test a session of its own.
    pub fn new(name: &str) -> Double {
        let url = std::env::var("CHATDOUBLE_URL").unwrap_or("http://localhost:8000".to_owned());
        let double = Double {
            url,
            key: format!("sk-test-{name}"),
        };
        double.post("reset", &Value::Null);
        double
    }

    /// Returns a client whose requests belong to the session.
    pub fn client(&self) -> Client {
        Client {
            base_url: format!("{}/v1", self.url),
            api_key: self.key.clone(),
        }
    }

    /// Sets the conversation that the model will have; see docs/control.md.
    pub fn script(&self, turns: Value) {
        self.post("script", &json!({"turns": turns}));
    }

    /// Returns what the application has sent, and what it got.
    pub fn requests(&self) -> Vec<Value> {
        self.get("requests")["data"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Fails the test if the verdict of its session has errors.
    pub fn judge(&self) {
        let verdict = self.get("verdict");
        assert!(verdict["ok"] == true, "{:#}", verdict["problems"]);
    }

    fn get(&self, path: &str) -> Value {
        let asked = ureq::get(self.address(path)).header("Authorization", self.authorization());
        asked
            .call()
            .expect("a double")
            .body_mut()
            .read_json()
            .expect("JSON")
    }

    fn post(&self, path: &str, body: &Value) {
        let asked = ureq::post(self.address(path)).header("Authorization", self.authorization());
        if body.is_null() {
            asked.send_empty()
        } else {
            asked.send_json(body)
        }
        .expect("a double");
    }

    fn address(&self, path: &str) -> String {
        format!("{}/_double/{path}", self.url)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.key)
    }
}
