// Which handler the standard library's ServeMux picks; see ../README.md.

// Outside a module the older ServeMux, without parameters, would be taken.
//go:debug httpmuxgo121=0
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
)

type scenario struct {
	Name   string
	Routes []string
	Paths  []string
}

func build(routes []string) (handler http.Handler, failed any) {
	defer func() { failed = recover() }()
	mux := http.NewServeMux()
	for number, route := range routes {
		// A final `/` stands for everything beneath, unless `{$}` follows.
		if strings.HasSuffix(route, "/") {
			route += "{$}"
		}
		mux.HandleFunc("GET "+route, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, number) })
	}
	return mux, nil
}

func ask(handler http.Handler, path string) string {
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")))
	if err != nil {
		return "!"
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	switch body := recorder.Body.String(); {
	case recorder.Code >= 300 && recorder.Code < 400:
		return ">"
	case recorder.Code == 404 || recorder.Code == 405:
		return "-"
	case recorder.Code == 200 && len(body) == 1:
		return body
	}
	return "!"
}

func main() {
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
	out.Encode(map[string]string{"go/ServeMux": "go " + strings.TrimPrefix(runtime.Version(), "go")})
	for _, scenario := range scenarios {
		handler, failed := build(scenario.Routes)
		if failed != nil {
			fmt.Fprintln(os.Stderr, scenario.Name, failed)
			out.Encode(map[string]*string{"go/ServeMux": nil})
			continue
		}
		text := ""
		for _, path := range scenario.Paths {
			text += ask(handler, path)
		}
		out.Encode(map[string]string{"go/ServeMux": text})
	}
}
