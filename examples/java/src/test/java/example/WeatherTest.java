package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WeatherTest {
    @RegisterExtension
    final Chatdouble chatdouble = new Chatdouble();

    @Test
    void theAgentLooksTheTemperatureUp() {
        chatdouble.script(
                Map.of(
                        "when", Map.of("user", "*Paris*", "tools", "get_weather"),
                        "reply", Map.of("tool_calls", List.of(Map.of("get_weather", Map.of("city", "Paris"))))),
                Map.of(
                        "when", Map.of("tool_result", Map.of("name", "get_weather", "json", Map.of("temperature", 18))),
                        "reply", "18 degrees."));
        assertEquals("18 degrees.", new Weather(chatdouble.client()).answer("How warm is it in Paris?"));
        var sent = chatdouble.requests();
        assertEquals(2, sent.size());
        assertEquals("How warm is it in Paris?", sent.at("/1/request/messages/0/content").asText());
        assertTrue(chatdouble.verdict().get("ok").asBoolean());
    }

    @Test
    void aRateLimitIsWaitedFor() {
        chatdouble.script(Map.of("reply", Map.of("error", Map.of("status", 429, "retry_after", 0))), "Mild.");
        assertEquals("Mild.", new Weather(chatdouble.client()).answer("How warm is it in Rome?"));
        assertEquals(List.of(429, 200), chatdouble.requests().findValues("status").stream().map(one -> one.asInt()).toList());
    }
}
