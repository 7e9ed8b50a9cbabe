<?php
// Which handler routers of PHP pick; see ../README.md.
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
foreach (['Symfony/Component/Routing', 'Symfony/Component/HttpFoundation', 'Symfony/Component/HttpKernel', 'Illuminate/Routing', 'Illuminate/Container', 'Illuminate/Events', 'FastRoute'] as $package) {
    require_once "$package/autoload.php";
}

use Illuminate\Container\Container;
use Illuminate\Events\Dispatcher;
use Illuminate\Http\Request as LaravelRequest;
use Illuminate\Routing\Router;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpKernel\Exception\HttpExceptionInterface;
use Symfony\Component\Routing\Exception\MethodNotAllowedException;
use Symfony\Component\Routing\Exception\ResourceNotFoundException;
use Symfony\Component\Routing\Matcher\CompiledUrlMatcher;
use Symfony\Component\Routing\Matcher\Dumper\CompiledUrlMatcherDumper;
use Symfony\Component\Routing\Matcher\UrlMatcher;
use Symfony\Component\Routing\RequestContext;
use Symfony\Component\Routing\Route;
use Symfony\Component\Routing\RouteCollection;

function spell(string $route, callable $tail): string
{
    return preg_replace_callback('/\{(\w+)\.\.\.\}/', fn ($found) => $tail($found[1]), $route);
}

// A request with the path as it was sent.
function server(string $path): array
{
    return ['REQUEST_METHOD' => 'GET', 'REQUEST_URI' => $path, 'SCRIPT_NAME' => '/index.php', 'SCRIPT_FILENAME' => '/index.php', 'SERVER_NAME' => 'localhost', 'HTTP_HOST' => 'localhost', 'SERVER_PORT' => 80];
}

function symfony(array $routes, bool $compiled): callable
{
    $all = new RouteCollection();
    foreach ($routes as $number => $route) {
        $requirements = preg_match('/\{(\w+)\.\.\.\}/', $route, $found) ? [$found[1] => '.+'] : [];
        $all->add((string) $number, new Route(spell($route, fn ($name) => "{{$name}}"), [], $requirements));
    }
    return function (string $path) use ($all, $compiled) {
        $request = new Request([], [], [], [], [], server($path));
        $context = (new RequestContext())->fromRequest($request);
        $matcher = $compiled
            ? new CompiledUrlMatcher((new CompiledUrlMatcherDumper($all))->getCompiledRoutes(), $context)
            : new UrlMatcher($all, $context);
        try {
            return $matcher->matchRequest($request)['_route'];
        } catch (ResourceNotFoundException | MethodNotAllowedException) {
            return '-';
        }
    };
}

function laravel(array $routes): callable
{
    $container = new Container();
    $router = new Router(new Dispatcher($container), $container);
    foreach ($routes as $number => $route) {
        $made = $router->get(spell($route, fn ($name) => "{{$name}}"), fn () => (string) $number);
        if (preg_match('/\{(\w+)\.\.\.\}/', $route, $found)) {
            $made->where($found[1], '.+');
        }
    }
    return function (string $path) use ($router) {
        $request = LaravelRequest::createFromBase(new Request([], [], [], [], [], server($path)));
        try {
            return $router->dispatch($request)->getContent();
        } catch (HttpExceptionInterface $refusal) {
            return in_array($refusal->getStatusCode(), [404, 405]) ? '-' : '!';
        }
    };
}

function fast(array $routes): callable
{
    $dispatcher = FastRoute\simpleDispatcher(function (FastRoute\RouteCollector $all) use ($routes) {
        foreach ($routes as $number => $route) {
            $all->addRoute('GET', spell($route, fn ($name) => "{{$name}:.+}"), (string) $number);
        }
    });
    // As its page says: the path is decoded before.
    return function (string $path) use ($dispatcher) {
        $found = $dispatcher->dispatch('GET', rawurldecode(explode('?', $path)[0]));
        return $found[0] === FastRoute\Dispatcher::FOUND ? $found[1] : '-';
    };
}

$version = fn (string $name) => "$name " . trim(shell_exec("dpkg-query -Wf '\${Version}' $name"));
$routers = [
    'php/symfony' => [$version('php-symfony-routing'), fn ($routes) => symfony($routes, false)],
    'php/symfony.compiled' => [$version('php-symfony-routing'), fn ($routes) => symfony($routes, true)],
    'php/laravel' => [$version('php-illuminate-routing'), fn ($routes) => laravel($routes)],
    'php/fastroute' => [$version('php-nikic-fast-route'), fn ($routes) => fast($routes)],
];
$print = fn ($line) => print json_encode($line, JSON_UNESCAPED_SLASHES) . "\n";
$print(array_map(fn ($router) => $router[0], $routers));
foreach (json_decode(file_get_contents($argv[1]), true) as $scenario) {
    $answers = [];
    foreach ($routers as $name => [, $make]) {
        try {
            $ask = $make($scenario['routes']);
        } catch (Throwable $error) {
            fwrite(STDERR, "$name $scenario[name] {$error->getMessage()}\n");
            $answers[$name] = null;
            continue;
        }
        $text = '';
        foreach ($scenario['paths'] as $path) {
            try {
                $text .= $ask($path);
            } catch (Throwable $error) {
                if (getenv('ROUTERS_SHOW')) {
                    fwrite(STDERR, "$name $path {$error->getMessage()}\n");
                }
                $text .= '!';
            }
        }
        $answers[$name] = $text;
    }
    $print($answers);
}
