import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Arguments of the form name=value; a name may occur several times. */
record Options(List<String> words) {
    static Options of(String[] words) {
        return new Options(List.of(words));
    }

    String text(String name) {
        List<String> values = all(name);
        if (values.size() != 1) throw new IllegalArgumentException("expected one " + name + "=..., got " + values.size());
        return values.get(0);
    }

    Path path(String name) {
        return Path.of(text(name));
    }

    List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (String word : words) {
            if (word.startsWith(name + "=")) values.add(word.substring(name.length() + 1));
        }
        return values;
    }

    List<Path> paths(String name) {
        return all(name).stream().map(Path::of).toList();
    }
}
