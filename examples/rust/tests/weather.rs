mod double;

use double::Double;
use serde_json::json;

#[test]
fn the_agent_looks_the_temperature_up() {
    let double = Double::new("temperature");
    double.script(json!([
        {
            "when": {"user": "*Paris*", "tools": "get_weather"},
            "reply": {"tool_calls": [{"get_weather": {"city": "Paris"}}]},
        },
        {
            "when": {"tool_result": {"name": "get_weather", "json": {"temperature": 18}}},
            "reply": "18 degrees.",
        },
    ]));
    assert_eq!(
        double.client().answer("How warm is it in Paris?").unwrap(),
        "18 degrees."
    );
    let sent = double.requests();
    assert_eq!(sent.len(), 2);
    assert_eq!(
        sent[1]["request"]["messages"][0]["content"],
        "How warm is it in Paris?"
    );
    double.judge();
}

#[test]
fn a_rate_limit_is_waited_for() {
    let double = Double::new("rate-limit");
    double.script(json!([{"reply": {"error": {"status": 429, "retry_after": 0}}}, "Mild."]));
    assert_eq!(
        double.client().answer("How warm is it in Rome?").unwrap(),
        "Mild."
    );
    assert_eq!(double.requests()[0]["status"], 429);
    double.judge();
}
