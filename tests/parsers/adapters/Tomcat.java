import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.Parameters;

/** What Tomcat reads, with the limits of its connector; see ../README.md. */
final class Tomcat {
    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        Logger.getLogger("").setLevel(Level.OFF);
        String id = "java/" + arguments[1];
        String version = Shared.quote(Shared.debian("lib" + arguments[1] + "-java"));
        int limit = new Connector().getMaxParameterCount();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println(Shared.object(Map.of(id, version, id + ".list", version)));
        for (String query : Files.readAllLines(Path.of(arguments[0]))) {
            Map<String, String[]> names = new HashMap<>();
            try {
                Parameters parameters = new Parameters();
                parameters.setLimit(limit);
                parameters.setCharset(StandardCharsets.UTF_8);
                parameters.setQueryStringCharset(StandardCharsets.UTF_8);
                MessageBytes bytes = MessageBytes.newInstance();
                byte[] raw = query.getBytes(StandardCharsets.UTF_8);
                bytes.setBytes(raw, 0, raw.length);
                parameters.setQuery(bytes);
                parameters.handleQueryParameters();
                String[] first = new String[2];
                String[] every = new String[2];
                for (int i = 0; i < 2; i++) {
                    first[i] = Shared.one(parameters.getParameter(Shared.NAMES[i]));
                    String[] values = parameters.getParameterValues(Shared.NAMES[i]);
                    every[i] = Shared.all(values == null ? null : Arrays.asList(values));
                }
                names.put(id, first);
                names.put(id + ".list", every);
            } catch (RuntimeException refused) {
                names.put(id, Shared.REFUSED);
                names.put(id + ".list", Shared.REFUSED);
            }
            out.println(Shared.line(names, Map.of()));
        }
        out.flush();
    }
}
