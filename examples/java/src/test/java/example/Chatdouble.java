package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that gives each test a session of its own on a running double, and fails the test if its verdict
 * has errors.
 */
final class Chatdouble implements BeforeEachCallback, AfterEachCallback {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Supplier<String> address;
    private String key = "";

    /** Uses the double at CHATDOUBLE_URL. */
    Chatdouble() {
        this(() -> Optional.ofNullable(System.getenv("CHATDOUBLE_URL")).orElse("http://localhost:8000"));
    }

    /** Uses the double at an address that is known when the first test starts. */
    Chatdouble(Supplier<String> address) {
        this.address = address;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        key = "sk-test-" + context.getRequiredTestClass().getSimpleName() + "-" + context.getRequiredTestMethod().getName();
        control("POST", "reset", null);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isEmpty()) {
            JsonNode verdict = verdict();
            assertTrue(verdict.get("ok").asBoolean(), verdict.get("problems")::toPrettyString);
        }
    }

    /** Returns an SDK client whose requests belong to the session. */
    OpenAIClient client() {
        return OpenAIOkHttpClient.builder().baseUrl(address.get() + "/v1").apiKey(key).build();
    }

    /** Sets the conversation that the model will have; see docs/control.md. */
    void script(Object... turns) {
        control("POST", "script", Map.of("turns", List.of(turns)));
    }

    /** Returns the journal: what the application has sent, and what it got. */
    JsonNode requests() {
        return control("GET", "requests", null).get("data");
    }

    /** Returns what the double has to say about the session. */
    JsonNode verdict() {
        return control("GET", "verdict", null);
    }

    private JsonNode control(String method, String path, Object body) {
        try {
            var sent = body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
            var request = HttpRequest.newBuilder(URI.create(address.get() + "/_double/" + path))
                    .header("Authorization", "Bearer " + key)
                    .method(method, sent)
                    .build();
            var answer = http.send(request, BodyHandlers.ofString());
            assertTrue(answer.statusCode() < 300, answer.body());
            return JSON.readTree(answer.body());
        } catch (IOException failure) {
            throw new UncheckedIOException("no double at " + address.get(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
