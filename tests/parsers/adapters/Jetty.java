import com.sun.jersey.api.uri.UriComponent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.springframework.web.bind.ServletRequestDataBinder;
import org.springframework.web.filter.HiddenHttpMethodFilter;
import org.springframework.web.util.UriComponentsBuilder;

/** What Jetty, Spring, Netty and Jersey read; see ../README.md. No socket: requests go to a local connector. */
public final class Jetty {
    /** The object to which Spring binds. */
    public static final class One {
        private String tenantid;
        private String cust_id;

        public String getTenantid() {
            return tenantid;
        }

        public void setTenantid(String value) {
            tenantid = value;
        }

        public String getCust_id() {
            return cust_id;
        }

        public void setCust_id(String value) {
            cust_id = value;
        }
    }

    private interface Read {
        String ask(int index);
    }

    private static Map<String, String[]> names;
    private static Map<String, String> method;

    private static void read(String id, Read read) {
        try {
            names.put(id, new String[] {read.ask(0), read.ask(1)});
        } catch (BadMessageException refused) {
            throw refused;
        } catch (RuntimeException refused) {
            names.put(id, Shared.REFUSED);
        }
    }

    private static final class Handler extends AbstractHandler {
        @Override
        public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            base.setHandled(true);
            if (request.getMethod().equals("POST")) {
                new HiddenHttpMethodFilter().doFilter(request, response, (inner, answer) -> {
                    String seen = ((HttpServletRequest) inner).getMethod();
                    method.put("java/spring.HiddenHttpMethodFilter", seen.equals("POST") ? "-" : Shared.one(seen));
                });
                return;
            }
            read("java/jetty", i -> Shared.one(request.getParameter(Shared.NAMES[i])));
            read("java/jetty.list", i -> {
                String[] values = request.getParameterValues(Shared.NAMES[i]);
                return Shared.all(values == null ? null : Arrays.asList(values));
            });
            read("java/spring.bind", i -> {
                One into = new One();
                ServletRequestDataBinder binder = new ServletRequestDataBinder(into);
                binder.bind(request);
                return Shared.one(i == 0 ? into.getTenantid() : into.getCust_id());
            });
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.eclipse.jetty.util.log.class", "org.eclipse.jetty.util.log.StdErrLog");
        System.setProperty("org.eclipse.jetty.LEVEL", "OFF");
        Server server = new Server();
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setRequestHeaderSize(65536);
        LocalConnector connector = new LocalConnector(server, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new Handler());
        server.start();
        String jetty = Shared.quote(Shared.debian("libjetty9-java"));
        String spring = Shared.quote(Shared.debian("libspring-web-java"));
        String netty = Shared.quote(Shared.debian("libnetty-java"));
        Map<String, String> versions = new HashMap<>(Map.of(
                "java/jetty", jetty, "java/jetty.list", jetty,
                "java/spring.bind", spring, "java/spring.UriComponents", spring, "java/spring.HiddenHttpMethodFilter", spring,
                "java/netty", netty, "java/jersey", Shared.quote(Shared.debian("libjersey1-core-java"))));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        out.println(Shared.object(versions));
        for (String query : Files.readAllLines(Path.of(arguments[0]))) {
            names = new HashMap<>();
            method = new HashMap<>();
            connector.getResponse("GET /x?" + query + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            for (String id : List.of("java/jetty", "java/jetty.list", "java/spring.bind")) {
                names.putIfAbsent(id, Shared.REFUSED);
            }
            connector.getResponse("POST /x?" + query + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            method.putIfAbsent("java/spring.HiddenHttpMethodFilter", "!");
            read("java/spring.UriComponents", i -> {
                List<String> values = UriComponentsBuilder.fromUriString("/x?" + query).build().getQueryParams().get(Shared.NAMES[i]);
                return Shared.all(values);
            });
            read("java/netty", i -> Shared.all(new QueryStringDecoder("/x?" + query).parameters().get(Shared.NAMES[i])));
            read("java/jersey", i -> Shared.all(UriComponent.decodeQuery(query, true).get(Shared.NAMES[i])));
            out.println(Shared.line(names, method));
        }
        out.flush();
        server.stop();
        System.exit(0);
    }
}
