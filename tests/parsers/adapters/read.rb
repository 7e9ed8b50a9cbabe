# What query parsers of Ruby read; see ../README.md.
require 'json'
require 'uri'
require 'cgi'
require 'stringio'
require 'logger'
require 'rack'
require 'sinatra/base'
require 'action_controller'
require 'grape'

NAMES = %w[tenantid cust_id].freeze

# `-` is nothing; a plain value is itself, all else is JSON.
def one(value)
  return '-' if value.nil?
  return value if value.is_a?(String) && value.match?(/\A[A-Za-z0-9_-]+\z/)

  value = value.to_unsafe_h if value.respond_to?(:to_unsafe_h)
  value = value.dup.force_encoding('UTF-8').scrub if value.is_a?(String)
  JSON.generate(value)[0, 60].scrub
rescue StandardError
  '"?"'
end

def all(values)
  values ||= []
  values.length > 1 ? one(values) : one(values.first)
end

def fields(read) = NAMES.map { |name| one(read[name]) }

def env(query, method = 'GET')
  Rack::MockRequest.env_for('/x', method: method).merge('QUERY_STRING' => query, 'rack.errors' => StringIO.new)
end

class Modular < Sinatra::Base
  set :show_exceptions, false
  set :raise_errors, true
  set :protection, false
  set :host_authorization, {} if respond_to?(:host_authorization)
  get('/x') { JSON.generate(NAMES.map { |name| one(params[name.to_sym]) }) }
end

class Resource < ActionController::API
  def show = render(json: NAMES.map { |name| one(params[name.to_sym]) })
end

class Small < Grape::API
  format :json
  params do
    optional :tenantid, type: String
    optional :cust_id, type: String
  end
  get('/x') { [one(params[:tenantid]), one(params[:cust_id])] }
end

def call(app, query)
  status, _, body = app.call(env(query))
  raise status.to_s unless status == 200

  text = +''
  body.each { |part| text << part }
  JSON.parse(text)
end

def of(name) = "#{name} #{Gem.loaded_specs[name]&.version || Gem::Specification.find_by_name(name).version}"

RAILS = Resource.action(:show)
RUBY = "ruby #{RUBY_VERSION}".freeze
PARSERS = {
  'ruby/decode_www_form' => [RUBY, lambda { |q|
    pairs = URI.decode_www_form(q)
    NAMES.map { |name| all(pairs.select { |key, _| key == name }.map(&:last)) }
  }],
  'ruby/cgi' => [RUBY, ->(q) { read = CGI.parse(q); NAMES.map { |name| all(read.key?(name) ? read[name] : nil) } }],
  'ruby/rack.parse_query' => [of('rack'), ->(q) { fields(Rack::Utils.parse_query(q)) }],
  'ruby/rack.nested' => [of('rack'), ->(q) { fields(Rack::Utils.parse_nested_query(q)) }],
  'ruby/rack.GET' => [of('rack'), ->(q) { fields(Rack::Request.new(env(q)).GET) }],
  'ruby/rack.params' => [of('rack'), ->(q) { fields(Rack::Request.new(env(q)).params) }],
  'ruby/sinatra' => [of('sinatra'), ->(q) { call(Modular, q) }],
  'ruby/rails.query_parameters' => [of('actionpack'), ->(q) { fields(ActionDispatch::Request.new(env(q)).query_parameters) }],
  'ruby/rails.params' => [of('actionpack'), ->(q) { call(RAILS, q) }],
  'ruby/grape' => [of('grape'), ->(q) { call(Small, q) }],
}.freeze

# Overrides of the method, each by its own documented way.
def overridden(app_class, query)
  seen = nil
  app = app_class.new(->(inner) { seen = inner['REQUEST_METHOD']; [200, {}, []] })
  app.call(env(query, 'POST'))
  seen == 'POST' ? '-' : seen
rescue StandardError
  '!'
end
OVERRIDES = {
  'ruby/Rack::MethodOverride' => [of('rack'), ->(q) { overridden(Rack::MethodOverride, q) }],
}.freeze

puts JSON.generate((PARSERS.to_a + OVERRIDES.to_a).to_h { |id, (package, _)| [id, package] })
File.read(ARGV[0]).chomp("\n").split("\n", -1).each do |query|
  read = PARSERS.transform_values do |(_, parse)|
    parse.call(query)
  rescue StandardError
    ['!', '!']
  end
  puts JSON.generate(names: read, method: OVERRIDES.transform_values { |(_, ask)| ask.call(query) })
end
