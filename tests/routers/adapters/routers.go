// Which handler routers of Go pick; see ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/gin-gonic/gin"
	chi "github.com/go-chi/chi"
	"github.com/gorilla/mux"
	"github.com/labstack/echo"
)

type scenario struct {
	Name   string
	Routes []string
	Paths  []string
}

var parameters = regexp.MustCompile(`\{([^}]*)\}`)

// spell writes a route in a router's own syntax.
func spell(route string, parameter, tail func(string) string) string {
	return parameters.ReplaceAllStringFunc(route, func(found string) string {
		name := found[1 : len(found)-1]
		if strings.HasSuffix(name, "...") {
			return tail(name[:len(name)-3])
		}
		return parameter(name)
	})
}

func colon(name string) string { return ":" + name }

func star(name string) string { return "*" + name }

func braces(name string) string { return "{" + name + "}" }

func write(w http.ResponseWriter, number int) { fmt.Fprint(w, number) }

// plain refuses what some routers do not know: fixed parts, which they take for
// the rest of a name, and a `:` in a literal, which begins a parameter.
func plain(routes []string) {
	for _, route := range routes {
		if strings.Contains(route, ":") {
			panic("no `:`")
		}
		for _, segment := range strings.Split(route, "/") {
			if strings.Contains(segment, "{") && !strings.HasPrefix(segment, "{") || strings.Contains(segment, "}") && !strings.HasSuffix(segment, "}") {
				panic("no affixes")
			}
		}
	}
}

func withGin(change func(*gin.Engine)) func([]string) http.Handler {
	return func(routes []string) http.Handler {
		plain(routes)
		engine := gin.New()
		change(engine)
		for number, route := range routes {
			number := number
			engine.GET(spell(route, colon, star), func(c *gin.Context) { write(c.Writer, number) })
		}
		return engine
	}
}

func withEcho(routes []string) http.Handler {
	plain(routes)
	for _, route := range routes {
		if strings.Contains(route, "...}/") {
			panic("it ignores what follows a tail")
		}
	}
	app := echo.New()
	for number, route := range routes {
		number := number
		path := spell(route, colon, func(string) string { return "*" })
		app.GET(path, func(c echo.Context) error { return c.String(200, fmt.Sprint(number)) })
	}
	return app
}

func withChi(routes []string) http.Handler {
	router := chi.NewRouter()
	for number, route := range routes {
		number := number
		path := spell(route, braces, func(string) string { return "*" })
		router.Get(path, func(w http.ResponseWriter, _ *http.Request) { write(w, number) })
	}
	return router
}

func withGorilla(change func(*mux.Router)) func([]string) http.Handler {
	return func(routes []string) http.Handler {
		router := mux.NewRouter()
		change(router)
		for number, route := range routes {
			number := number
			path := spell(route, braces, func(name string) string { return "{" + name + ":.+}" })
			router.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { write(w, number) })
		}
		return router
	}
}

func ask(handler http.Handler, path string) (answer string) {
	defer func() {
		if recover() != nil {
			answer = "!"
		}
	}()
	// As the server does it: what is no address is refused before any handler.
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")))
	if err != nil {
		return "!"
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	body := recorder.Body.String()
	switch {
	case recorder.Code >= 300 && recorder.Code < 400:
		return ">"
	case recorder.Code == 404 || recorder.Code == 405:
		return "-"
	case recorder.Code == 200 && len(body) == 1:
		return body
	}
	return "!"
}

func build(make func([]string) http.Handler, routes []string) (handler http.Handler, err interface{}) {
	defer func() { err = recover() }()
	return make(routes), nil
}

// debian is the version of an installed package, from the environment.
func debian(name string) string { return name + " " + os.Getenv("VERSION_"+strings.ReplaceAll(name, "-", "_")) }

type router struct {
	version string
	make    func([]string) http.Handler
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	routers := map[string]router{
		"go/gin": {debian("golang-github-gin-gonic-gin-dev"), withGin(func(*gin.Engine) {})},
		"go/gin.raw": {debian("golang-github-gin-gonic-gin-dev"), withGin(func(engine *gin.Engine) {
			engine.UseRawPath = true
			engine.RemoveExtraSlash = true
		})},
		"go/echo":    {debian("golang-github-labstack-echo-dev"), withEcho},
		"go/chi":     {debian("golang-github-go-chi-chi-dev"), withChi},
		"go/gorilla": {debian("golang-github-gorilla-mux-dev"), withGorilla(func(*mux.Router) {})},
		"go/gorilla.strict": {debian("golang-github-gorilla-mux-dev"), withGorilla(func(router *mux.Router) {
			router.StrictSlash(true).UseEncodedPath()
		})},
	}
	run(routers)
}

func run(routers map[string]router) {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	var scenarios []scenario
	if err := json.NewDecoder(file).Decode(&scenarios); err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	versions := map[string]string{}
	for name, router := range routers {
		versions[name] = router.version
	}
	_ = runtime.Version
	out.Encode(versions)
	for _, scenario := range scenarios {
		answers := map[string]*string{}
		for name, router := range routers {
			handler, failed := build(router.make, scenario.Routes)
			if failed != nil {
				fmt.Fprintln(os.Stderr, name, scenario.Name, failed)
				answers[name] = nil
				continue
			}
			text := ""
			for _, path := range scenario.Paths {
				text += ask(handler, path)
			}
			answers[name] = &text
		}
		out.Encode(answers)
	}
}
