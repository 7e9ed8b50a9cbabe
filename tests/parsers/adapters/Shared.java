import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the readers of Java share; see ../README.md. */
final class Shared {
    static final String[] NAMES = {"tenantid", "cust_id"};
    static final String[] REFUSED = {"!", "!"};

    private Shared() {}

    /** {@code -} is nothing; a plain value is itself, all else is JSON. */
    static String one(String value) {
        if (value == null) {
            return "-";
        }
        return value.matches("[A-Za-z0-9_-]+") ? value : cut(quote(value));
    }

    static String all(List<String> values) {
        if (values == null || values.isEmpty()) {
            return "-";
        }
        if (values.size() == 1) {
            return one(values.get(0));
        }
        List<String> quoted = new ArrayList<>();
        for (String value : values) {
            quoted.add(quote(value));
        }
        return cut("[" + String.join(",", quoted) + "]");
    }

    private static String cut(String text) {
        return text.length() > 60 ? text.substring(0, 60) : text;
    }

    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    static String object(Map<String, String> fields) {
        List<String> parts = new ArrayList<>();
        new TreeMap<>(fields).forEach((name, value) -> parts.add(quote(name) + ":" + value));
        return "{" + String.join(",", parts) + "}";
    }

    static String line(Map<String, String[]> names, Map<String, String> method) {
        Map<String, String> read = new TreeMap<>();
        names.forEach((id, fields) -> read.put(id, "[" + quote(fields[0]) + "," + quote(fields[1]) + "]"));
        Map<String, String> overrides = new TreeMap<>();
        method.forEach((id, value) -> overrides.put(id, quote(value)));
        return "{\"names\":" + object(read) + ",\"method\":" + object(overrides) + "}";
    }

    static String debian(String name) throws Exception {
        Process process = new ProcessBuilder("dpkg-query", "-W", "-f=${Package} ${Version}", name).start();
        return new String(process.getInputStream().readAllBytes());
    }
}
