#!/usr/bin/env ruby
# Which handler routers of Ruby pick; see ../README.md.
require 'json'
require 'rack'
require 'sinatra/base'
require 'action_controller'
require 'action_dispatch'
require 'grape'

SCENARIOS = JSON.parse(File.read(ARGV[0]))

def spell(route, literal = ->(text) { text })
  route.split(/(\{[^}]*\})/).map do |part|
    next literal.call(part) unless part.start_with?('{')
    name = part[1..-2]
    yield name.delete_suffix('...'), name.end_with?('...')
  end.join
end

def by_status(status, body)
  return '>' if (300..399).cover?(status)
  return '-' if [404, 405].include?(status)
  status == 200 && body.match?(/\A[0-9]\z/) ? body : '!'
end

# The path as Puma hands it over: as it was sent.
def rack(app, path)
  env = Rack::MockRequest.env_for('http://localhost/')
  env['PATH_INFO'] = path
  env['REQUEST_PATH'] = path
  env['REQUEST_URI'] = path
  status, _, body = app.call(env)
  text = +''
  body.each { |part| text << part }
  by_status(status, text)
end

def sinatra(routes, **options)
  Class.new(Sinatra::Base) do
    set :environment, :production
    set :show_exceptions, false
    set :raise_errors, false
    set :protection, false
    options.each { |name, value| set name, value }
    routes.each_with_index do |route, number|
      path = spell(route, ->(text) { text.gsub(/[:().]/) { |mark| "\\#{mark}" } }) { |name, tail| tail ? "*#{name}" : ":#{name}" }
      get(path) { number.to_s }
    end
  end.new
end

def rails(routes)
  set = ActionDispatch::Routing::RouteSet.new
  set.draw do
    routes.each_with_index do |route, number|
      path = spell(route, ->(text) { text.gsub(/[:()]/) { |mark| "\\#{mark}" } }) { |name, tail| tail ? "*#{name}" : ":#{name}" }
      get path, to: ->(_) { [200, {}, [number.to_s]] }
    end
  end
  set
end

def grape(routes)
  Class.new(Grape::API) do
    content_type :txt, 'text/plain'
    default_format :txt
    routes.each_with_index do |route, number|
      path = spell(route, ->(text) { text.gsub(/[:()]/) { |mark| "\\#{mark}" } }) { |name, tail| tail ? "*#{name}" : ":#{name}" }
      get(path) { number.to_s }
    end
  end
end

ROUTERS = {
  'ruby/sinatra' => ["sinatra #{Sinatra::VERSION}", ->(routes) { sinatra(routes) }],
  'ruby/sinatra.lax' => ["sinatra #{Sinatra::VERSION}", ->(routes) { sinatra(routes, strict_paths: false) }],
  'ruby/rails' => ["actionpack #{ActionPack.version}", ->(routes) { rails(routes) }],
  'ruby/grape' => ["grape #{Grape::VERSION}", ->(routes) { grape(routes) }],
}.freeze

puts JSON.generate(ROUTERS.transform_values(&:first))
SCENARIOS.each do |scenario|
  answers = ROUTERS.transform_values do |_, make|
    app = make.call(scenario['routes'])
    scenario['paths'].map do |path|
      rack(app, path)
    rescue StandardError
      '!'
    end.join
  rescue StandardError => e
    warn "#{scenario['name']}: #{e.message[0, 200]}"
    nil
  end
  puts JSON.generate(answers)
end
