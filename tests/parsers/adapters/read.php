<?php
// What PHP and its frameworks read; see ../README.md. The same file is the
// page of PHP's own server, on the loopback, and the client that asks it.
error_reporting(0);
ini_set('display_errors', '0');
require_once 'Symfony/Component/HttpFoundation/autoload.php';
require_once 'Illuminate/Http/autoload.php';
require_once 'GuzzleHttp/Psr7/autoload.php';

use Illuminate\Http\Request as Laravel;
use Symfony\Component\HttpFoundation\HeaderUtils;
use Symfony\Component\HttpFoundation\Request as Symfony;

const NAMES = ['tenantid', 'cust_id'];

// `-` is nothing; a plain value is itself, all else is JSON.
function one($value): string
{
    if ($value === null) {
        return '-';
    }
    if (is_string($value) && preg_match('/\A[A-Za-z0-9_-]+\z/', $value)) {
        return $value;
    }
    return mb_substr(json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR), 0, 60);
}

function fields(callable $read): array
{
    try {
        return array_map(fn ($name) => one($read($name)), NAMES);
    } catch (Throwable $e) {
        return ['!', '!'];
    }
}

function overridden(callable $read): string
{
    try {
        $method = $read();
        return $method === 'POST' ? '-' : one($method);
    } catch (Throwable $e) {
        return '!';
    }
}

if (PHP_SAPI === 'cli-server') {
    $query = $_SERVER['QUERY_STRING'] ?? '';
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        Symfony::enableHttpMethodParameterOverride();
        echo json_encode([
            'php/symfony.getMethod' => overridden(fn () => Symfony::createFromGlobals()->getMethod()),
            'php/symfony.create.getMethod' => overridden(fn () => Symfony::create('/x?' . $query, 'POST')->getMethod()),
            'php/laravel.method' => overridden(fn () => Laravel::capture()->method()),
            // As the REST interface of WordPress asks, whatever the method is.
            'php/$_GET[_method]' => one($_GET['_method'] ?? null),
        ]);
        return true;
    }
    parse_str($query, $parsed);
    $symfony = Symfony::createFromGlobals();
    $laravel = Laravel::capture();
    echo json_encode([
        'php/$_GET' => fields(fn ($name) => $_GET[$name] ?? null),
        'php/$_REQUEST' => fields(fn ($name) => $_REQUEST[$name] ?? null),
        'php/filter_input' => fields(fn ($name) => filter_input(INPUT_GET, $name)),
        'php/parse_str' => fields(fn ($name) => $parsed[$name] ?? null),
        'php/symfony.get' => fields(fn ($name) => $symfony->query->get($name)),
        'php/symfony.all' => fields(fn ($name) => $symfony->query->all()[$name] ?? null),
        'php/symfony.create' => fields(fn ($name) => Symfony::create('/x?' . $query)->query->all()[$name] ?? null),
        'php/symfony.parseQuery' => fields(fn ($name) => HeaderUtils::parseQuery($query)[$name] ?? null),
        'php/laravel.query' => fields(fn ($name) => $laravel->query($name)),
        'php/laravel.input' => fields(fn ($name) => $laravel->input($name)),
        'php/laravel.property' => fields(fn ($name) => $laravel->all()[$name] ?? null),
        'php/guzzle' => fields(fn ($name) => GuzzleHttp\Psr7\Query::parse($query)[$name] ?? null),
    ]);
    return true;
}

$package = fn ($name) => trim(shell_exec("dpkg-query -W -f='\${Package} \${Version}' $name"));
$php = 'php ' . PHP_VERSION;
$versions = [];
foreach (['$_GET', '$_REQUEST', 'filter_input', 'parse_str', '$_GET[_method]'] as $id) {
    $versions["php/$id"] = $php;
}
foreach (['get', 'all', 'create', 'parseQuery', 'getMethod', 'create.getMethod'] as $id) {
    $versions["php/symfony.$id"] = $package('php-symfony-http-foundation');
}
foreach (['query', 'input', 'property', 'method'] as $id) {
    $versions["php/laravel.$id"] = $package('php-illuminate-http');
}
$versions['php/guzzle'] = $package('php-guzzlehttp-psr7');
echo json_encode($versions), "\n";

$probe = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($probe, false);
fclose($probe);
$server = proc_open([PHP_BINARY, '-S', $address, __FILE__], [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
function ask(string $method, string $query): ?array
{
    global $address;
    for ($try = 0; $try < 50; $try++) {
        $socket = @stream_socket_client("tcp://$address");
        if ($socket) {
            break;
        }
        usleep(100000);
    }
    fwrite($socket, "$method /x?$query HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    $answer = stream_get_contents($socket);
    [$head, $body] = explode("\r\n\r\n", $answer, 2) + [1 => ''];
    if (!preg_match('!\AHTTP/1.\d 200!', $head)) {
        return null;
    }
    return json_decode($body, true, 8, JSON_THROW_ON_ERROR);
}

$known = array_filter(array_keys($versions), fn ($id) => !preg_match('/ethod/', $id));
foreach (explode("\n", preg_replace('/\n\z/', '', file_get_contents($argv[1]))) as $query) {
    $names = ask('GET', $query) ?? array_fill_keys($known, ['!', '!']);
    $method = ask('POST', $query) ?? new stdClass();
    echo json_encode(['names' => $names, 'method' => $method]), "\n";
}
proc_terminate($server);
