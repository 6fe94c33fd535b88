setup_environment() {
  export APP_ENV=ci
}
build_all() {
  echo "build for $APP_ENV"
}
