package weather

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

type object = map[string]any

// double is a session of the server at CHATDOUBLE_URL for one test.
type double struct {
	t        *testing.T
	url, key string
}

// request is an entry of the journal, as far as these tests read it.
type request struct {
	Status  int
	Request struct {
		Messages []struct{ Role, Content string }
	}
}

// newDouble gives the test a session of its own, and judges it at the end of the test.
func newDouble(t *testing.T) *double {
	url := os.Getenv("CHATDOUBLE_URL")
	if url == "" {
		url = "http://localhost:8000"
	}
	d := &double{t, url, "sk-test-" + t.Name()}
	d.control("POST", "reset", nil, nil)
	t.Cleanup(d.judge)
	return d
}

// client returns an SDK client whose requests belong to the session.
func (d *double) client() openai.Client {
	return openai.NewClient(option.WithBaseURL(d.url+"/v1"), option.WithAPIKey(d.key))
}

// script sets the conversation that the model will have; see docs/control.md.
func (d *double) script(turns ...any) {
	d.control("POST", "script", object{"turns": turns}, nil)
}

// requests returns what the application has sent.
func (d *double) requests() []request {
	var list struct{ Data []request }
	d.control("GET", "requests", nil, &list)
	return list.Data
}

func (d *double) judge() {
	var verdict struct {
		OK       bool
		Problems []struct{ Kind, Found, Advice string }
	}
	d.control("GET", "verdict", nil, &verdict)
	if !verdict.OK {
		for _, problem := range verdict.Problems {
			d.t.Errorf("%s: found %s. %s", problem.Kind, problem.Found, problem.Advice)
		}
	}
}

func (d *double) control(method, path string, body, answer any) {
	d.t.Helper()
	var sent io.Reader
	if body != nil {
		written, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		sent = bytes.NewReader(written)
	}
	asked, err := http.NewRequest(method, d.url+"/_double/"+path, sent)
	if err != nil {
		d.t.Fatal(err)
	}
	asked.Header.Set("Authorization", "Bearer "+d.key)
	answered, err := http.DefaultClient.Do(asked)
	if err != nil {
		d.t.Fatalf("no double at %s: %v", d.url, err)
	}
	defer answered.Body.Close()
	text, err := io.ReadAll(answered.Body)
	if err != nil || answered.StatusCode >= 300 {
		d.t.Fatalf("%s %s: %s: %s", method, path, answered.Status, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			d.t.Fatal(err)
		}
	}
}
