export APP=web
export PORT=80
