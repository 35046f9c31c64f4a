"""What every route needs: the application, routes as rows, refusals (problems), OpenAPI, the page, health and metrics."""
