package example;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.openai.client.OpenAIClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import java.util.Map;

/** An agent that answers questions about the weather; nothing in it knows of a double. */
public final class Weather {
    @JsonTypeName("get_weather")
    @JsonClassDescription("Current temperature of a city, in degrees Celsius")
    static class GetWeather {
        public String city;

        /** A real application would ask a weather service. */
        int temperature() {
            return city.length() + 13;
        }
    }

    private final OpenAIClient client;

    public Weather(OpenAIClient client) {
        this.client = client;
    }

    /** Asks the model, runs the tools that it calls, and returns its answer. */
    public String answer(String question) {
        var params = ChatCompletionCreateParams.builder()
                .model("gpt-5.4-mini")
                .addTool(GetWeather.class)
                .addUserMessage(question);
        while (true) {
            var message = client.chat().completions().create(params.build()).choices().get(0).message();
            var calls = message.toolCalls();
            if (calls.isEmpty()) {
                return message.content().orElse("");
            }
            params.addMessage(message);
            for (var call : calls.get()) {
                var asked = call.asFunction();
                var place = asked.function().arguments(GetWeather.class);
                params.addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(asked.id())
                        .contentAsJson(Map.of("temperature", place.temperature()))
                        .build());
            }
        }
    }
}
