package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The same extension with a double in a container of its own; skipped where no Docker is. */
@Testcontainers(disabledWithoutDocker = true)
class ContainerTest {
    @Container
    static final GenericContainer<?> CONTAINER =
            new GenericContainer<>("chatdouble").withExposedPorts(8000).waitingFor(Wait.forHttp("/health"));

    @RegisterExtension
    final Chatdouble chatdouble =
            new Chatdouble(() -> "http://" + CONTAINER.getHost() + ":" + CONTAINER.getMappedPort(8000));

    @Test
    void theAgentAnswers() {
        chatdouble.script("Mild.");
        assertEquals("Mild.", new Weather(chatdouble.client()).answer("How warm is it in Rome?"));
    }
}
