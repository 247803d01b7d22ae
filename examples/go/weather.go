// Package weather has an agent that answers questions about the weather; nothing in it knows of a double.
package weather

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openai/openai-go/v3"
)

var tools = []openai.ChatCompletionToolUnionParam{
	openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
		Name:        "get_weather",
		Description: openai.String("Current temperature of a city, in degrees Celsius"),
		Parameters: openai.FunctionParameters{
			"type":       "object",
			"properties": map[string]any{"city": map[string]any{"type": "string"}},
			"required":   []string{"city"},
		},
	}),
}

// Answer asks the model, runs the tools that it calls, and returns its answer.
func Answer(ctx context.Context, client openai.Client, question string) (string, error) {
	params := openai.ChatCompletionNewParams{
		Model:    "gpt-5.4-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Tools:    tools,
	}
	for {
		completion, err := client.Chat.Completions.New(ctx, params)
		if err != nil {
			return "", err
		}
		message := completion.Choices[0].Message
		if len(message.ToolCalls) == 0 {
			return message.Content, nil
		}
		params.Messages = append(params.Messages, message.ToParam())
		for _, call := range message.ToolCalls {
			var place struct{ City string }
			if err := json.Unmarshal([]byte(call.Function.Arguments), &place); err != nil {
				return "", err
			}
			result := fmt.Sprintf(`{"temperature": %d}`, temperature(place.City))
			params.Messages = append(params.Messages, openai.ToolMessage(result, call.ID))
		}
	}
}

// A real application would ask a weather service.
func temperature(city string) int { return len(city) + 13 }
