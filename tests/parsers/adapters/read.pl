# What query parsers of Perl read; see ../README.md.
use strict;
use warnings;
no warnings qw(redefine once);
use JSON::PP ();
use CGI ();
use Plack::Request;
use Plack::Middleware::MethodOverride;
use Mojolicious;
use Mojo::Parameters;
use Mojo::Transaction::HTTP;
use Dancer2::Core::Request;

my @names = qw(tenantid cust_id);
my $json = JSON::PP->new->canonical->allow_nonref->allow_blessed->ascii;
$CGI::LIST_CONTEXT_WARN = 0;
$CGI::USE_PARAM_SEMICOLONS = 1;
$SIG{__WARN__} = sub { };

# `-` is nothing; a plain value is itself, all else is JSON.
sub one {
    my ($value) = @_;
    return '-' if !defined $value;
    return $value if !ref $value && $value =~ /\A[A-Za-z0-9_-]+\z/;
    return substr $json->encode(ref $value ? $value : "$value"), 0, 60;
}

sub all {
    my @values = @_;
    return @values > 1 ? one([@values]) : one($values[0]);
}

sub env {
    my ($query, $method) = @_;
    open my $in, '<', \(my $empty = '');
    return {
        REQUEST_METHOD => $method // 'GET', PATH_INFO => '/x', SCRIPT_NAME => '', REQUEST_URI => "/x?$query", QUERY_STRING => $query,
        SERVER_NAME => 'localhost', SERVER_PORT => 80, SERVER_PROTOCOL => 'HTTP/1.1', HTTP_HOST => 'localhost',
        'psgi.url_scheme' => 'http', 'psgi.input' => $in, 'psgi.errors' => \*STDERR, 'psgi.version' => [1, 1], 'psgi.streaming' => 1,
    };
}

sub package_of {
    my ($name) = @_;
    chomp(my $text = `dpkg-query -W -f='\${Package} \${Version}' $name`);
    return $text;
}

my $mojo = Mojolicious->new;
$mojo->log->level('fatal');
for my $method (qw(POST PUT PATCH DELETE)) {
    $mojo->routes->any([$method] => '/x')->to(cb => sub { $_[0]->render(text => $method) });
}

sub mojo_method {
    my ($query) = @_;
    my $tx = Mojo::Transaction::HTTP->new;
    $tx->req->method('POST');
    $tx->req->url->parse("/x?$query");
    $mojo->handler($tx);
    my $text = $tx->res->body;
    # What is no route is read as well, and found nothing.
    return $tx->res->code == 404 ? 'other' : $text eq 'POST' ? '-' : one($text);
}

sub plack_method {
    my ($query) = @_;
    my $seen;
    Plack::Middleware::MethodOverride->wrap(sub { $seen = $_[0]{REQUEST_METHOD}; [200, [], []] })->(env($query, 'POST'));
    return $seen eq 'POST' ? '-' : one($seen);
}

my $plack = package_of('libplack-perl');
my $mojolicious = package_of('libmojolicious-perl');
my $dancer = package_of('libdancer2-perl');
my %parsers = (
    'perl/CGI.param' => [package_of('libcgi-pm-perl'), sub { my $c = CGI->new($_[0]); map { one(scalar $c->param($_)) } @names }],
    'perl/CGI.multi_param' => [package_of('libcgi-pm-perl'), sub { my $c = CGI->new($_[0]); map { all($c->multi_param($_)) } @names }],
    'perl/plack.query' => [$plack, sub { my $r = Plack::Request->new(env($_[0])); map { one($r->query_parameters->{$_}) } @names }],
    'perl/plack.all' => [$plack, sub { my $r = Plack::Request->new(env($_[0])); map { all($r->query_parameters->get_all($_)) } @names }],
    'perl/plack.param' => [$plack, sub { my $r = Plack::Request->new(env($_[0])); map { one(scalar $r->param($_)) } @names }],
    'perl/mojo.param' => [$mojolicious, sub { my $p = Mojo::Parameters->new($_[0]); map { one($p->param($_)) } @names }],
    'perl/mojo.every_param' => [$mojolicious, sub { my $p = Mojo::Parameters->new($_[0]); map { all(@{$p->every_param($_)}) } @names }],
    'perl/dancer2' => [$dancer, sub { my $r = Dancer2::Core::Request->new(env => env($_[0])); map { one($r->query_parameters->get($_)) } @names }],
);
my %overrides = (
    'perl/mojo.route' => [$mojolicious, \&mojo_method],
    'perl/Plack::Middleware::MethodOverride' => [package_of('libplack-middleware-methodoverride-perl'), \&plack_method],
);
$| = 1;
print $json->encode({map { $_ => ($parsers{$_} // $overrides{$_})->[0] } keys %parsers, keys %overrides}), "\n";
open my $file, '<', $ARGV[0] or die;
while (my $query = <$file>) {
    chomp $query;
    my (%read, %method);
    for my $id (keys %parsers) {
        my @fields = eval { $parsers{$id}[1]->($query) };
        $read{$id} = @fields ? \@fields : ['!', '!'];
    }
    $method{$_} = eval { $overrides{$_}[1]->($query) } // '!' for keys %overrides;
    print $json->encode({names => \%read, method => \%method}), "\n";
}
