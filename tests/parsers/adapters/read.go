// What query parsers of Go read; see ../README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/schema"
	"github.com/labstack/echo"
	"github.com/labstack/echo/middleware"
	"github.com/valyala/fasthttp"
)

var names = []string{"tenantid", "cust_id"}
var plain = regexp.MustCompile(`\A[A-Za-z0-9_-]+\z`)

type view = func(query string) []string

// one: `-` is nothing; a plain value is itself, all else is JSON.
func one(value interface{}) string {
	if text, is := value.(string); is && plain.MatchString(text) {
		return text
	}
	if text, is := value.(*string); is {
		if text == nil {
			return "-"
		}
		return one(*text)
	}
	if value == nil {
		return "-"
	}
	out, _ := json.Marshal(value)
	if len(out) > 60 {
		out = out[:60]
	}
	return strings.ToValidUTF8(string(out), "?")
}

func all(values []string) string {
	switch len(values) {
	case 0:
		return "-"
	case 1:
		return one(values[0])
	}
	return one(values)
}

// first: an empty text is what these interfaces give for nothing.
func first(value string, present bool) string {
	if value == "" && !present {
		return "-"
	}
	return one(value)
}

func each(of func(name string) string) []string {
	return []string{of(names[0]), of(names[1])}
}

func request(query string) *http.Request {
	return &http.Request{Method: "GET", URL: &url.URL{Path: "/x", RawQuery: query}, Header: http.Header{}, Body: http.NoBody, Host: "localhost"}
}

func ginContext(query string) *gin.Context {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = request(query)
	return c
}

var server = echo.New()

func echoContext(query string) echo.Context {
	return server.NewContext(request(query), httptest.NewRecorder())
}

var refused = []string{"!", "!"}

func pkg(name string) string {
	out, err := exec.Command("dpkg-query", "-W", "-f=${Package} ${Version}", name).Output()
	if err != nil {
		log.Fatal(err)
	}
	return string(out)
}

type oneOf struct {
	Tenant   *string `form:"tenantid" query:"tenantid" schema:"tenantid"`
	Customer *string `form:"cust_id" query:"cust_id" schema:"cust_id"`
}

type allOf struct {
	Tenant   []string `form:"tenantid" query:"tenantid" schema:"tenantid"`
	Customer []string `form:"cust_id" query:"cust_id" schema:"cust_id"`
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter = io.Discard
	tolerant := schema.NewDecoder()
	tolerant.IgnoreUnknownKeys(true)
	strict := schema.NewDecoder()
	language := "go " + strings.TrimPrefix(runtime.Version(), "go")
	ginVersion := pkg("golang-github-gin-gonic-gin-dev")
	echoVersion := pkg("golang-github-labstack-echo-dev")
	schemaVersion := pkg("golang-github-gorilla-schema-dev")
	fastVersion := pkg("golang-github-valyala-fasthttp-dev")
	decode := func(decoder *schema.Decoder) view {
		return func(query string) []string {
			var into oneOf
			if decoder.Decode(&into, request(query).URL.Query()) != nil {
				return refused
			}
			return []string{one(into.Tenant), one(into.Customer)}
		}
	}
	parsers := map[string]struct {
		version string
		read    view
	}{
		"go/url.Query": {language, func(q string) []string {
			v := request(q).URL.Query()
			return each(func(n string) string { return first(v.Get(n), v.Has(n)) })
		}},
		"go/url.Query.list": {language, func(q string) []string {
			v := request(q).URL.Query()
			return each(func(n string) string { return all(v[n]) })
		}},
		"go/url.ParseQuery": {language, func(q string) []string {
			v, err := url.ParseQuery(q)
			if err != nil {
				return refused
			}
			return each(func(n string) string { return all(v[n]) })
		}},
		"go/FormValue": {language, func(q string) []string {
			r := request(q)
			return each(func(n string) string { return first(r.FormValue(n), r.Form.Has(n)) })
		}},
		"go/gin.Query": {ginVersion, func(q string) []string {
			c := ginContext(q)
			return each(func(n string) string { v, is := c.GetQuery(n); return first(v, is) })
		}},
		"go/gin.QueryArray": {ginVersion, func(q string) []string {
			c := ginContext(q)
			return each(func(n string) string { return all(c.QueryArray(n)) })
		}},
		"go/gin.Bind": {ginVersion, func(q string) []string {
			var into oneOf
			if ginContext(q).ShouldBindQuery(&into) != nil {
				return refused
			}
			return []string{one(into.Tenant), one(into.Customer)}
		}},
		"go/gin.Bind.list": {ginVersion, func(q string) []string {
			var into allOf
			if ginContext(q).ShouldBindQuery(&into) != nil {
				return refused
			}
			return []string{all(into.Tenant), all(into.Customer)}
		}},
		"go/echo.QueryParam": {echoVersion, func(q string) []string {
			c := echoContext(q)
			return each(func(n string) string { return first(c.QueryParam(n), c.QueryParams().Has(n)) })
		}},
		"go/echo.Bind": {echoVersion, func(q string) []string {
			var into oneOf
			if echoContext(q).Bind(&into) != nil {
				return refused
			}
			return []string{one(into.Tenant), one(into.Customer)}
		}},
		"go/echo.Bind.list": {echoVersion, func(q string) []string {
			var into allOf
			if echoContext(q).Bind(&into) != nil {
				return refused
			}
			return []string{all(into.Tenant), all(into.Customer)}
		}},
		"go/gorilla.schema":        {schemaVersion, decode(tolerant)},
		"go/gorilla.schema.strict": {schemaVersion, decode(strict)},
		"go/gorilla.schema.list": {schemaVersion, func(q string) []string {
			var into allOf
			if tolerant.Decode(&into, request(q).URL.Query()) != nil {
				return refused
			}
			return []string{all(into.Tenant), all(into.Customer)}
		}},
		"go/fasthttp": {fastVersion, func(q string) []string {
			var c fasthttp.RequestCtx
			c.Request.SetRequestURI("/x?" + q)
			args := c.QueryArgs()
			return each(func(n string) string { return first(string(args.Peek(n)), args.Has(n)) })
		}},
		"go/fasthttp.list": {fastVersion, func(q string) []string {
			var args fasthttp.Args
			args.Parse(q)
			return each(func(n string) string {
				var values []string
				for _, value := range args.PeekMulti(n) {
					values = append(values, string(value))
				}
				return all(values)
			})
		}},
	}
	// Overrides of the method, each by its own documented way.
	override := middleware.MethodOverrideWithConfig(middleware.MethodOverrideConfig{Getter: middleware.MethodFromQuery("_method")})
	echoMethod := func(query string) string {
		seen := ""
		c := echoContext(query)
		c.Request().Method = "POST"
		_ = override(func(c echo.Context) error { seen = c.Request().Method; return nil })(c)
		if seen == "POST" {
			return "-"
		}
		return one(seen)
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	versions := map[string]string{"go/echo.MethodOverride": echoVersion}
	for id, parser := range parsers {
		versions[id] = parser.version
	}
	_ = write.Encode(versions)
	log.SetOutput(io.Discard)
	for _, query := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		read := map[string][]string{}
		for id, parser := range parsers {
			func() {
				defer func() {
					if recover() != nil {
						read[id] = refused
					}
				}()
				read[id] = parser.read(query)
			}()
		}
		_ = write.Encode(map[string]interface{}{"names": read, "method": map[string]string{"go/echo.MethodOverride": echoMethod(query)}})
	}
	_ = fmt.Sprint()
}
