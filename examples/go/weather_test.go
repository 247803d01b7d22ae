package weather

import "testing"

func TestTheAgentLooksTheTemperatureUp(t *testing.T) {
	d := newDouble(t)
	d.script(
		object{
			"when":  object{"user": "*Paris*", "tools": "get_weather"},
			"reply": object{"tool_calls": []any{object{"get_weather": object{"city": "Paris"}}}},
		},
		object{
			"when":  object{"tool_result": object{"name": "get_weather", "json": object{"temperature": 18}}},
			"reply": "18 degrees.",
		},
	)
	answer, err := Answer(t.Context(), d.client(), "How warm is it in Paris?")
	if err != nil || answer != "18 degrees." {
		t.Fatalf("got %q, %v", answer, err)
	}
	sent := d.requests()
	if len(sent) != 2 || sent[1].Request.Messages[0].Content != "How warm is it in Paris?" {
		t.Errorf("unexpected requests: %+v", sent)
	}
}

func TestARateLimitIsWaitedFor(t *testing.T) {
	d := newDouble(t)
	d.script(object{"reply": object{"error": object{"status": 429, "retry_after": 0}}}, "Mild.")
	answer, err := Answer(t.Context(), d.client(), "How warm is it in Rome?")
	if err != nil || answer != "Mild." {
		t.Fatalf("got %q, %v", answer, err)
	}
	if sent := d.requests(); len(sent) != 2 || sent[0].Status != 429 {
		t.Errorf("unexpected requests: %+v", sent)
	}
}
