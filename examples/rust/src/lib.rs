//! An agent that answers questions about the weather; nothing in it knows of a double.

use serde_json::{Value, json};

/// The address and the key of the API.
pub struct Client {
    pub base_url: String,
    pub api_key: String,
}

impl Client {
    /// Asks the model, runs the tools that it calls, and returns its answer.
    pub fn answer(&self, question: &str) -> Result<String, ureq::Error> {
        let mut messages = vec![json!({"role": "user", "content": question})];
        loop {
            let message = self.complete(&messages)?;
            let Some(calls) = message["tool_calls"].as_array().cloned() else {
                return Ok(message["content"].as_str().unwrap_or_default().to_owned());
            };
            messages.push(message);
            for call in calls {
                let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
                let place: Value = serde_json::from_str(arguments).map_err(ureq::Error::Json)?;
                let result =
                    json!({"temperature": temperature(place["city"].as_str().unwrap_or_default())});
                messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": result.to_string()}));
            }
        }
    }

    /// Returns the model's message; asks once more after a rate limit.
    fn complete(&self, messages: &[Value]) -> Result<Value, ureq::Error> {
        match self.post(messages) {
            Err(ureq::Error::StatusCode(429)) => self.post(messages),
            answered => answered,
        }
    }

    fn post(&self, messages: &[Value]) -> Result<Value, ureq::Error> {
        let place = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
        let tool =
            json!({"type": "function", "function": {"name": "get_weather", "parameters": place}});
        let completion: Value = ureq::post(format!("{}/chat/completions", self.base_url))
            .header("Authorization", format!("Bearer {}", self.api_key))
            .send_json(json!({"model": "gpt-5.4-mini", "messages": messages, "tools": [tool]}))?
            .body_mut()
            .read_json()?;
        Ok(completion["choices"][0]["message"].clone())
    }
}

/// A real application would ask a weather service.
fn temperature(city: &str) -> usize {
    city.len() + 13
}
